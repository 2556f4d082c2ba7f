import { describe, expect, it } from 'vitest';

import {
  landmarksOf,
  paint,
  type PaintedFace,
  PaintedFaceNetwork,
} from '../../../test/support/painted-faces.js';
import type { DetectedFace } from '../../core/faces/face.js';
import { landmarkPoints } from '../../core/faces/landmarks.js';
import { rollRadians } from '../../core/faces/moved-face.js';
import { Photograph } from '../decode/photograph.js';
import { CloseUpExaminer } from './close-up-examiner.js';
import type { FaceNetwork } from './face-network.js';

const painted: PaintedFace = { centre: { x: 300, y: 220 }, height: 200, rollDegrees: 180 };
const photograph = Photograph.ofImage(paint(640, 480, [painted]));
/** It is upside down, and was taken for upright. */
const candidate: DetectedFace = {
  box: { x: 225, y: 120, width: 150, height: 200 },
  landmarks: landmarksOf({ ...painted, rollDegrees: 0 }),
  probability: 0.9,
};

/** Says of each side in turn, as it is asked, how probable a face is there: the same one in the middle. */
function networkOfSides(probabilities: readonly number[]): FaceNetwork {
  let asked = 0;
  const landmarks = landmarksOf({ centre: { x: 64, y: 64 }, height: 74, rollDegrees: 0 });
  return {
    input: { width: 128, height: 128 },
    find: (images) => {
      const probability = probabilities[asked++] ?? 0;
      const face = { box: { x: 36, y: 27, width: 56, height: 74 }, landmarks, probability };
      return Promise.resolve(images.map(() => [face]));
    },
  };
}

/** By how many quarters the face turns out to be turned, clockwise. */
async function quartersOf(probabilities: readonly number[]): Promise<number> {
  const [face] = await new CloseUpExaminer(networkOfSides(probabilities), 0.5).examine(photograph, [
    candidate,
  ]);
  const quarters = rollRadians(face!.landmarks) / (Math.PI / 2);
  return Math.abs(Math.round(quarters));
}

describe('the examination of a face from near', () => {
  it('turns a face that was taken for upright, and puts its landmarks where they are', async () => {
    const [face] = await new CloseUpExaminer(new PaintedFaceNetwork(128), 0.5).examine(photograph, [
      candidate,
    ]);
    const expected = landmarkPoints(landmarksOf(painted));
    for (const [index, { x, y }] of landmarkPoints(face!.landmarks).entries())
      expect(Math.hypot(x - expected[index]!.x, y - expected[index]!.y)).toBeLessThan(2);
  });

  it('asks about the other sides only where the face is doubtful', async () => {
    expect(await quartersOf([0.96, 1, 1, 1])).toBe(0);
  });

  it('turns it only where another side is surer by 0.15, and sure', async () => {
    expect(await quartersOf([0.8, 0.6, 0.94, 0.7])).toBe(0);
    expect(await quartersOf([0.8, 0.6, 0.96, 0.7])).toBe(2);
    expect(await quartersOf([0.55, 0.74, 0.74, 0.74])).toBe(0);
    expect(await quartersOf([0.55, 0.8, 0.3, 0.3])).toBe(1);
  });

  it('gives the geometric mean of what the face was found with and of what is seen', async () => {
    const [face] = await new CloseUpExaminer(networkOfSides([0.96]), 0.5).examine(photograph, [candidate]);
    expect(face!.probability).toBeCloseTo(Math.sqrt(0.9 * 0.96), 12);
  });
});
