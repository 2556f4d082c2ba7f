import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { IndexLineReader } from './index-lines.js';

function linesOf(text: string, cuts: readonly number[] = []): number[][] {
  const lines: number[][] = [];
  const reader = new IndexLineReader((...line) => lines.push(line));
  const bytes = Buffer.from(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    reader.read(bytes.subarray(start, end));
    start = end;
  }
  reader.end();
  return lines;
}

describe('lines of an index', () => {
  it('are read wherever their bytes are cut', () => {
    const number = fc.nat({ max: Number.MAX_SAFE_INTEGER }).map((value) => value % 1e15);
    const entries = fc.array(fc.tuple(number, number), { maxLength: 20 });
    fc.assert(
      fc.property(entries, fc.array(fc.nat(), { maxLength: 5 }), fc.boolean(), (written, cuts, isUnix) => {
        const text = written.map(([key, offset]) => `${key}\t${offset}${isUnix ? '\n' : '\r\n'}`).join('');
        const expected = written.map(([key, offset], index) => [key, offset, index + 1]);
        expect(linesOf(text, cuts)).toEqual(expected);
        expect(linesOf(text.trimEnd(), cuts)).toEqual(expected);
      }),
    );
  });

  it.each(['a\t1\n', '1\n', '1\t\n', '\t1\n', '1\t2\t3\n', '1\t2 \n', '1\t2\r3\n', '1\r\t2\n', '-1\t2\n'])(
    'are refused where they are %j',
    (text) => {
      expect(() => linesOf(`0\t0\n${text}`)).toThrow('line 2');
    },
  );

  it('are refused at their sixteenth digit', () => {
    expect(linesOf('1\t999999999999999\n')).toEqual([[1, 999_999_999_999_999, 1]]);
    expect(() => linesOf('1\t1000000000000000\n')).toThrow('line 1');
  });
});
