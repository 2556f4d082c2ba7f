import { expect, it } from 'vitest';

import { duration, timeLeft } from './experiment-progress.js';

it('says how long something takes', () => {
  expect([40_000, 61_000, 7_500_000].map(duration)).toEqual(['40 s', '1 min', '2 h 5 min']);
});

it('expects what is missing to take as long as what was done', () => {
  expect(timeLeft(0.5, 1.5, 20_000)).toBe('1 min');
  expect(timeLeft(0, 2, 20_000)).toBe('?');
});
