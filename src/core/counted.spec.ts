import { expect, it } from 'vitest';
import { counted } from './counted.js';

it('counts one as one', () => {
  expect([0, 1, 2n, 1n].map((count) => counted(count, 'subject'))).toEqual([
    '0 subjects',
    '1 subject',
    '2 subjects',
    '1 subject',
  ]);
  expect(counted(12_345, 'identity', 'identities')).toBe('12,345 identities');
});
