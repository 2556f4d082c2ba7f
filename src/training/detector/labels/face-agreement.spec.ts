import { describe, expect, it } from 'vitest';
import type { DetectedFace } from '../../../core/faces/face.js';
import { landmarksFromPoints } from '../../../core/faces/landmarks.js';
import { agreedFaces, meanOfMirrorImages } from './face-agreement.js';

/** A face in the box [x, y, 100, 100]. */
function faceAt(x: number, y: number, probability = 0.9, landmarkShift = 0): DetectedFace {
  const at = (dx: number, dy: number) => ({ x: x + dx + landmarkShift, y: y + dy });
  return {
    box: { x, y, width: 100, height: 100 },
    landmarks: landmarksFromPoints([at(30, 40), at(70, 40), at(50, 60), at(35, 80), at(65, 80)]),
    probability,
  };
}

describe('agreedFaces', () => {
  it('agrees from an overlap of a half on', () => {
    // Shifted by 33 of 100: 67 / 133 = 0.504; by 34: 66 / 134 = 0.493.
    const near = { ...faceAt(33, 0), landmarks: faceAt(0, 0).landmarks };
    expect(agreedFaces([faceAt(0, 0)], [[near]])).toEqual([{ ...faceAt(0, 0), agreed: true }]);
    const apart = { ...near, box: { ...near.box, x: 34 } };
    expect(agreedFaces([faceAt(0, 0)], [[apart]])).toEqual([
      { ...faceAt(0, 0), landmarks: undefined, agreed: false },
    ]);
    // 53 / 147 = 0.36 is the same face in another box, 46 / 154 = 0.299 another one.
    expect(agreedFaces([faceAt(0, 0)], [[faceAt(47, 0)]])).toHaveLength(1);
    expect(agreedFaces([faceAt(0, 0)], [[faceAt(54, 0)]])).toHaveLength(2);
  });

  it('keeps landmarks that lie within 8 % of the side', () => {
    expect(agreedFaces([faceAt(0, 0)], [[faceAt(0, 0, 0.9, 7.9)]])).toMatchObject([
      { landmarks: faceAt(0, 0).landmarks, agreed: true },
    ]);
    const doubtful = agreedFaces([faceAt(0, 0)], [[faceAt(0, 0, 0.9, 8.1)]]);
    expect(doubtful).toMatchObject([{ landmarks: undefined, agreed: true }]);
    // One of several others is enough.
    const [confirmed] = agreedFaces([faceAt(0, 0)], [[faceAt(0, 0, 0.9, 20)], [faceAt(0, 0, 0.9, 2)]]);
    expect(confirmed!.landmarks).toEqual(faceAt(0, 0).landmarks);
  });

  it('agrees on nothing that one alone sees, or the first is unsure of', () => {
    expect(agreedFaces([faceAt(0, 0)], [[], []])).toMatchObject([{ agreed: false }]);
    expect(agreedFaces([faceAt(0, 0, 0.45)], [[faceAt(0, 0)]])).toMatchObject([{ agreed: false }]);
    expect(agreedFaces([], [[faceAt(0, 0)], [faceAt(3, 0)]])).toMatchObject([{ agreed: false }]);
    expect(agreedFaces([faceAt(0, 0, 0.29)], [[faceAt(300, 0, 0.29)]])).toEqual([]);
  });
});

describe('meanOfMirrorImages', () => {
  it('is the mean of what is seen in both, and half as probable where it is seen in one', () => {
    const means = meanOfMirrorImages(
      [faceAt(0, 0, 0.9), faceAt(300, 0, 0.8)],
      [faceAt(4, 2, 0.7), faceAt(600, 0, 0.6)],
    );
    expect(means).toHaveLength(3);
    expect(means[0]!.box).toEqual({ x: 2, y: 1, width: 100, height: 100 });
    expect(means[0]!.landmarks.nose).toEqual({ x: 52, y: 61 });
    expect(means.map(({ probability }) => probability)).toEqual([
      expect.closeTo(0.8, 9),
      expect.closeTo(0.4, 9),
      expect.closeTo(0.3, 9),
    ]);
  });
});
