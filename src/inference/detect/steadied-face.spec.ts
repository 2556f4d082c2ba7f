import { describe, expect, it } from 'vitest';

import { landmarksOf, paint, PaintedFaceNetwork } from '../../../test/support/painted-faces.js';
import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import type { DetectedFace } from '../../core/faces/face.js';
import { landmarkPoints } from '../../core/faces/landmarks.js';
import { Photograph } from '../decode/photograph.js';
import { CloseUpViews } from './close-up-views.js';
import { isUnsteady, isWavering, steadiedFace } from './steadied-face.js';

const box = { x: 0, y: 0, width: 112, height: 112 };
const { landmarks } = arcFaceTemplate;

describe('a face for which one close-up is too little', () => {
  it('is one that may be none', () => {
    expect(isUnsteady({ box, landmarks, probability: 0.84 })).toBe(true);
    expect(isUnsteady({ box, landmarks, probability: 0.86 })).toBe(false);
  });

  it('is one that is turned away, to either side', () => {
    const noseMoved = (x: number): DetectedFace => {
      const nose = { ...landmarks.nose, x: landmarks.nose.x + x };
      return { box, landmarks: { ...landmarks, nose }, probability: 1 };
    };
    expect(isUnsteady(noseMoved(18))).toBe(true);
    expect(isUnsteady(noseMoved(-18))).toBe(true);
    expect(isUnsteady(noseMoved(8))).toBe(false);
  });

  it('is one whose points coincide', () => {
    const point = { x: 5, y: 5 };
    const points = {
      leftEye: point,
      rightEye: point,
      nose: point,
      leftMouthCorner: point,
      rightMouthCorner: point,
    };
    expect(isUnsteady({ box, landmarks: points, probability: 1 })).toBe(true);
  });
});

describe('a face whose landmarks waver', () => {
  const wavers = (probability: number, uncertainty?: number): boolean =>
    isWavering({
      box,
      landmarks,
      probability,
      ...(uncertainty !== undefined && { landmarkUncertainty: uncertainty }),
    });

  it('is one that is unsteady, and of which mirrored close-ups say something else', () => {
    expect(wavers(0.8, 0.04)).toBe(true);
    expect(wavers(0.8, 0.03)).toBe(false);
    expect(wavers(0.8)).toBe(false);
  });

  it('is none that one close-up is enough for', () => {
    expect(wavers(0.9, 0.04)).toBe(false);
  });
});

describe('a face that several close-ups show', () => {
  it('lies where it is, whatever the first look made of it', async () => {
    const painted = { centre: { x: 300, y: 220 }, height: 200, rollDegrees: 20 };
    const photograph = Photograph.ofImage(paint(640, 480, [painted]));
    const views = new CloseUpViews(new PaintedFaceNetwork(128), 0.2);
    const rough = {
      box: { x: 215, y: 125, width: 150, height: 200 },
      landmarks: landmarksOf(painted),
      probability: 1,
    };
    const face = await steadiedFace(views, photograph, rough);
    const expected = landmarkPoints(landmarksOf(painted));
    for (const [index, { x, y }] of landmarkPoints(face!.landmarks).entries())
      expect(Math.hypot(x - expected[index]!.x, y - expected[index]!.y)).toBeLessThan(2);
    expect(Math.abs(face!.box.x + face!.box.width / 2 - 300)).toBeLessThan(3);
  });
});
