import { describe, expect, it } from 'vitest';

import type { DetectedFace } from '../../core/faces/face.js';
import { type BoundingBox, type Landmarks, mapLandmarks } from '../../core/faces/landmarks.js';
import { DetectionTally } from './measure-detector.js';

const landmarks: Landmarks = {
  leftEye: { x: 10, y: 10 },
  rightEye: { x: 30, y: 10 },
  nose: { x: 20, y: 20 },
  leftMouthCorner: { x: 12, y: 30 },
  rightMouthCorner: { x: 28, y: 30 },
};
const box = { x: 0, y: 0, width: 40, height: 40 };
const face = { box, landmarks, ignored: false };

function movedBy(pixels: number, of: BoundingBox = box): BoundingBox {
  return { ...of, x: of.x + pixels };
}

function detection(at: BoundingBox, probability: number, landmarksMovedBy = 0): DetectedFace {
  const moved = mapLandmarks(landmarks, ({ x, y }) => ({ x, y: y + landmarksMovedBy }));
  return { box: at, probability, landmarks: moved };
}

describe('DetectionTally', () => {
  it('measures landmarks by the distance between the eyes', () => {
    const tally = new DetectionTally();
    // All five are 3 pixels off, and the eyes 20 apart.
    tally.add([face], [detection(box, 0.8, 3)]);
    const { landmarkError, ...others } = tally.measures();
    expect(landmarkError).toBeCloseTo(3 / 20, 12);
    expect(others).toEqual({ recall: 1, precision: 1, faceProbability: 0.8, faceCount: 1 });
  });

  it('finds a face from an overlap of a half on, once', () => {
    const tally = new DetectionTally();
    // Moved by 13 of 40: 27 / 53 > 0.5; by 14: 26 / 54 < 0.5.
    tally.add([face], [detection(movedBy(13), 0.9), detection(movedBy(-13), 0.7)]);
    tally.add([face], [detection(movedBy(14), 0.9)]);
    expect(tally.measures()).toMatchObject({
      recall: 1 / 2,
      precision: 1 / 3,
      faceProbability: 0.45,
      faceCount: 2,
    });
  });

  it('asks for no face that is ignored, and counts what is found there as right', () => {
    const tally = new DetectionTally();
    tally.add([{ ...face, ignored: true }], [detection(movedBy(5), 0.9), detection(movedBy(100), 0.9)]);
    expect(tally.measures()).toMatchObject({ recall: 0, precision: 1 / 2, faceCount: 0 });
  });

  it('has no landmark error of a face whose landmarks are not known', () => {
    const tally = new DetectionTally();
    tally.add(
      [
        { box, ignored: false },
        { ...face, box: movedBy(100) },
      ],
      [detection(box, 1, 50), detection(movedBy(100), 1, 2)],
    );
    expect(tally.measures().landmarkError).toBeCloseTo(2 / 20, 12);
  });
});
