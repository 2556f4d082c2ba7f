import { expect, it } from 'vitest';
import { durationText } from './durations.js';

it('has durations in two units at most', () => {
  expect([durationText(12_400), durationText(200_000), durationText(7_500_000)]).toEqual([
    '12 s',
    '3 min 20 s',
    '2 h 5 min',
  ]);
});
