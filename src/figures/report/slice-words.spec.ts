import { expect, it } from 'vitest';
import { measureWithUnit, symmetryWords } from './slice-words.js';

it('say of a pair without a symmetric face something else than of images without a face', () => {
  expect([0, 1, 2].map((symmetricFaceCount) => symmetryWords({ symmetricFaceCount }))).toEqual([
    'neither symmetric',
    'one symmetric',
    'both symmetric',
  ]);
});

it('name a measure with its unit, where it has one', () => {
  expect(measureWithUnit('yaw-degrees')).toBe('yaw, °');
  expect(measureWithUnit('sharpness')).toBe('sharpness');
});
