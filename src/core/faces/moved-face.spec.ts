import { describe, expect, it } from 'vitest';

import { arcFaceTemplate } from './alignment-template.js';
import { mapLandmarks, type Point } from './landmarks.js';
import { moveBox, moveFace, rollRadians } from './moved-face.js';
import type { SimilarityTransform } from './similarity-transform.js';

/** Twice as large and a quarter turn clockwise: (x, y) to (100 - 2 y, 2 x). */
const quarterTurn: SimilarityTransform = { a: 0, b: 2, translationX: 100, translationY: 0 };

describe('a face that is moved', () => {
  it('keeps its landmarks and its box together', () => {
    const face = {
      box: { x: 10, y: 20, width: 6, height: 8 },
      landmarks: arcFaceTemplate.landmarks,
      probability: 0.75,
      landmarkUncertainty: 0.01,
    };
    const moved = moveFace(face, quarterTurn);
    // The corners (10, 20) and (16, 28) become (60, 20) and (44, 32).
    expect(moved.box).toEqual({ x: 44, y: 20, width: 16, height: 12 });
    const { x, y } = arcFaceTemplate.landmarks.nose;
    expect(moved.landmarks.nose).toEqual({ x: 100 - 2 * y, y: 2 * x });
    expect(moved).toMatchObject({ probability: 0.75, landmarkUncertainty: 0.01 });
  });

  it('has the box of its ellipse where it is turned in between', () => {
    const a = Math.SQRT1_2;
    const turn: SimilarityTransform = { a, b: a, translationX: 0, translationY: 0 };
    // A circle of diameter 10 stays one. Of the ellipse with half axes 3 and 4, both become sqrt((9 + 16) / 2).
    const circle = moveBox({ x: -5, y: -5, width: 10, height: 10 }, turn);
    expect(circle.width).toBeCloseTo(10, 9);
    const ellipse = moveBox({ x: -3, y: -4, width: 6, height: 8 }, turn);
    expect(ellipse.width).toBeCloseTo(2 * Math.sqrt(12.5), 9);
    expect(ellipse.x).toBeCloseTo(-Math.sqrt(12.5), 9);
    expect(ellipse.height).toBeCloseTo(ellipse.width, 9);
  });
});

describe('rollRadians', () => {
  it.each([0, 30, -75, 180, 90])('finds a turn by %d degrees, wherever the face is', (degrees) => {
    const radians = (degrees * Math.PI) / 180;
    const turn = ({ x, y }: Point): Point => ({
      x: 500 + 3 * (x * Math.cos(radians) - y * Math.sin(radians)),
      y: 200 + 3 * (x * Math.sin(radians) + y * Math.cos(radians)),
    });
    const found = rollRadians(mapLandmarks(arcFaceTemplate.landmarks, turn));
    expect(Math.cos(found - radians)).toBeCloseTo(1, 9);
  });

  it('is 0 where the landmarks are one point', () => {
    expect(rollRadians(mapLandmarks(arcFaceTemplate.landmarks, () => ({ x: 0, y: 0 })))).toBe(0);
  });
});
