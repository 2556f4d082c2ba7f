import { describe, expect, it } from 'vitest';

import { landmarksOf, paint, PaintedFaceNetwork } from '../../../test/support/painted-faces.js';
import type { DetectedFace } from '../../core/faces/face.js';
import type { Point } from '../../core/faces/landmarks.js';
import { Photograph } from '../decode/photograph.js';
import { confirmation } from './face-confirmation.js';

const painted = { centre: { x: 300, y: 220 }, height: 200, rollDegrees: 90 };
const face: DetectedFace = {
  box: { x: 200, y: 145, width: 200, height: 150 },
  landmarks: landmarksOf(painted),
  probability: 0.5,
};

interface Case {
  readonly network: PaintedFaceNetwork;
  readonly centre?: Point;
  readonly needed?: number;
}

async function confirmed({ network, centre = painted.centre, needed = 0 }: Case): Promise<number> {
  const photograph = Photograph.ofImage(paint(640, 480, [{ ...painted, centre }]));
  return confirmation(network, photograph, face, needed);
}

describe('the confirmation of a face', () => {
  it('is what the network says of it upright, from two distances, and of its mirror image', async () => {
    const heights: number[] = [];
    const network = new PaintedFaceNetwork(320, ({ box }) => {
      heights.push(box.height);
      return 0.25 * heights.length;
    });
    expect(await confirmed({ network })).toBeCloseTo((0.25 + 0.5 + 0.75 + 1) / 4, 12);
    // 1.4 times farther away; turned by 8 degrees, what is drawn around it grows.
    expect(heights[0]! / heights[2]!).toBeCloseTo(1.3, 1);
    // It lies on its side, and this network sees no such face.
    expect(network.runs).toEqual([2, 2]);
  });

  it('is none where the network sees a face elsewhere alone', async () => {
    const network = new PaintedFaceNetwork(320);
    expect(await confirmed({ network, centre: { x: 460, y: 220 } })).toBe(0);
  });

  it('ends as soon as too little is left to be said', async () => {
    const network = new PaintedFaceNetwork(320, () => 0.5);
    // The first view says half, with its mirror image, which leaves three quarters at most.
    expect(await confirmed({ network, needed: 0.8 })).toBe(0);
    expect(network.runs).toEqual([2]);
    expect(await confirmed({ network, needed: 0.5 })).toBe(0.5);
    expect(await confirmed({ network, needed: 0.51 })).toBe(0);
  });
});
