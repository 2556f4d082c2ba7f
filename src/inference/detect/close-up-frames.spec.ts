import { describe, expect, it } from 'vitest';

import {
  applyTransform,
  type SimilarityTransform,
  transformRotationRadians,
  transformScale,
} from '../../core/faces/similarity-transform.js';
import { framesAround, rolled } from './close-up-frames.js';

const input = { width: 128, height: 128 };
/** Twice as large, a quarter turned. */
const closeUp: SimilarityTransform = { a: 0, b: 2, translationX: 300, translationY: 50 };
const middle = { x: 64, y: 64 };

describe('the frames around a close-up', () => {
  it('lean to no side and turn no way in their mean', () => {
    const frames = framesAround(closeUp, input);
    const centre = applyTransform(closeUp, middle);
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const middles = frames.map((frame) => applyTransform(frame, middle));
    expect(mean(middles.map(({ x }) => x))).toBeCloseTo(centre.x, 9);
    expect(mean(middles.map(({ y }) => y))).toBeCloseTo(centre.y, 9);
    expect(mean(frames.map(transformRotationRadians))).toBeCloseTo(Math.PI / 2, 9);
    expect(mean(frames.map(transformScale))).toBeCloseTo(2, 1);
  });

  it('differ, but show the face within what the network knows', () => {
    const frames = framesAround(closeUp, input);
    expect(new Set(frames.map(({ translationX }) => translationX)).size).toBe(frames.length);
    for (const frame of frames) {
      expect(Math.abs(transformScale(frame) / 2 - 1)).toBeLessThan(0.2);
      expect(Math.abs(transformRotationRadians(frame) - Math.PI / 2)).toBeLessThan(Math.PI / 12);
    }
  });
});

describe('a close-up that is rolled', () => {
  it('turns around its middle', () => {
    const turned = rolled(closeUp, 90, input);
    const [before, after] = [applyTransform(closeUp, middle), applyTransform(turned, middle)];
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
    // A half turn now: what was right of the middle by 10 is left of it by 20 in the photograph.
    const right = applyTransform(turned, { x: 74, y: 64 });
    expect(right.x).toBeCloseTo(after.x - 20, 9);
    expect(right.y).toBeCloseTo(after.y, 9);
  });
});
