import { describe, expect, it } from 'vitest';

import type { DetectedFace } from '../../core/faces/face.js';
import type { Landmarks } from '../../core/faces/landmarks.js';
import { applyTransform } from '../../core/faces/similarity-transform.js';
import { centralFace, closeUpToPhotograph, faceOfViews, isOffCentre } from './close-up.js';

const input = { width: 160, height: 160 };

/** Upright: the eyes are level and the middle of all points is in the middle. */
const landmarks: Landmarks = {
  leftEye: { x: 60, y: 60 },
  rightEye: { x: 100, y: 60 },
  nose: { x: 80, y: 80 },
  leftMouthCorner: { x: 64, y: 104 },
  rightMouthCorner: { x: 96, y: 104 },
};

function faceAt(x: number, y: number, side: number, probability: number): DetectedFace {
  return { box: { x, y, width: side, height: side }, landmarks, probability };
}

describe('the close-up of a face', () => {
  it('shows its box in the middle, in a quarter of its area', () => {
    const face = { ...faceAt(100, 200, 40, 0.9), box: { x: 100, y: 200, width: 40, height: 90 } };
    const transform = closeUpToPhotograph(face, input);
    const corner = applyTransform(transform, { x: 0, y: 0 });
    // Its side is twice 60, around (120, 245); the landmarks are upright within a hundredth.
    expect(corner.x).toBeCloseTo(60, 0);
    expect(corner.y).toBeCloseTo(185, 0);
    const middle = applyTransform(transform, { x: 80, y: 80 });
    expect(middle.x).toBeCloseTo(120, 9);
    expect(middle.y).toBeCloseTo(245, 9);
  });

  it('turns the face upright', () => {
    // A quarter turn clockwise: what was above is to the right.
    const turned: Landmarks = {
      leftEye: { x: 100, y: 60 },
      rightEye: { x: 100, y: 100 },
      nose: { x: 80, y: 80 },
      leftMouthCorner: { x: 56, y: 64 },
      rightMouthCorner: { x: 56, y: 96 },
    };
    const transform = closeUpToPhotograph({ ...faceAt(60, 60, 40, 0.9), landmarks: turned }, input);
    const above = applyTransform(transform, { x: 80, y: 0 });
    expect(above.x).toBeCloseTo(80 + 40, 0);
    expect(above.y).toBeCloseTo(80, 0);
  });
});

describe('the face that a close-up is of', () => {
  it('is the most probable one in the middle, and no neighbour', () => {
    const neighbour = faceAt(0, 40, 60, 0.99);
    const own = faceAt(42, 40, 76, 0.8);
    expect(centralFace([faceAt(40, 40, 80, 0.7), neighbour, own], input)).toBe(own);
    expect(centralFace([neighbour], input)).toBeUndefined();
  });

  it('is off centre where another close-up would show it better', () => {
    expect(isOffCentre(faceAt(42, 40, 76, 0.8), input)).toBe(false);
    expect(isOffCentre(faceAt(20, 20, 120, 0.8), input)).toBe(true);
  });
});

describe('the two views of a face', () => {
  it('give its mean, and how far they are apart', () => {
    const direct: DetectedFace = {
      box: { x: 40, y: 36, width: 80, height: 90 },
      landmarks,
      probability: 0.9,
    };
    // The mirror image of the same points, of which the viewer's left eye lies 5 to the right and the nose 3 and 4 off.
    const inMirror: DetectedFace = {
      box: { x: 38, y: 40, width: 80, height: 86 },
      landmarks: {
        leftEye: { x: 60, y: 60 },
        rightEye: { x: 95, y: 60 },
        nose: { x: 83, y: 84 },
        leftMouthCorner: { x: 64, y: 104 },
        rightMouthCorner: { x: 96, y: 104 },
      },
      probability: 0.8,
    };
    const face = faceOfViews(direct, inMirror, input);
    // Mirrored back, the box begins at 160 - 38 - 80 = 42.
    expect(face.box).toEqual({ x: 41, y: 38, width: 80, height: 88 });
    expect(face.landmarks.leftEye).toEqual({ x: 62.5, y: 60 });
    expect(face.landmarks.rightEye).toEqual({ x: 100, y: 60 });
    expect(face.landmarks.nose).toEqual({ x: 78.5, y: 82 });
    expect(face.probability).toBeCloseTo(0.85, 12);
    // Of five points two are 5 apart; the box is 80 wide and 88 high.
    expect(face.landmarkUncertainty).toBeCloseTo(10 / 5 / Math.sqrt(80 * 88), 12);
  });
});
