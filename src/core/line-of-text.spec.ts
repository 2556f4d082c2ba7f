import { describe, expect, it } from 'vitest';
import { isLineOfText } from './line-of-text.js';

describe('isLineOfText', () => {
  it.each(['', 'José', '张伟', 'مریم\u200cناز', 'שרה\u200f', 'क\u094d\u200dष', '=1+1', '<b>'])(
    'takes %j',
    (text) => {
      expect(isLineOfText(text)).toBe(true);
    },
  );

  it.each(['a\0', 'a\nb', '\x1b[2J', 'a\u2028b', 'a\u2029b', 'Ada\u202egnp.exe', '\u2067a', '\u2069'])(
    'refuses %j',
    (text) => {
      expect(isLineOfText(text)).toBe(false);
    },
  );
});
