import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../images/rgb-image.js';
import { alignCrop } from './aligned-crop.js';
import { type AlignmentTemplate, arcFaceTemplate, dlibTemplate } from './alignment-template.js';
import { type Landmarks, landmarkPoints, landmarksFromPoints } from './landmarks.js';
import { cutFace } from './stored-crop.js';

/** Noise, so that every pixel that is off is noticed. */
function noise(width: number, height: number): RgbImage {
  let state = 1;
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state >> 16;
  });
  return { width, height, pixels };
}

/** ArcFace's template turned, scaled and moved into a photograph. */
function landmarksAt(x: number, y: number, scale: number, degrees: number): Landmarks {
  const [cos, sin] = [
    Math.cos((degrees * Math.PI) / 180) * scale,
    Math.sin((degrees * Math.PI) / 180) * scale,
  ];
  const [leftEye, rightEye, nose, leftMouth, rightMouth] = landmarkPoints(arcFaceTemplate.landmarks).map(
    (point) => ({
      x: x + cos * point.x - sin * point.y,
      y: y + sin * point.x + cos * point.y,
    }),
  );
  return landmarksFromPoints([leftEye!, rightEye!, nose!, leftMouth!, rightMouth!]);
}

const larger: AlignmentTemplate = { ...arcFaceTemplate, name: 'wider', width: 140, height: 140 };

describe('cutFace', () => {
  const image = noise(700, 600);

  it.each([
    { name: 'upright', landmarks: landmarksAt(200, 150, 1.3, 0) },
    { name: 'turned by 30 degrees', landmarks: landmarksAt(300.4, 100.3, 2.1, 30) },
    { name: 'upside down', landmarks: landmarksAt(400, 400, 1.1, 180) },
    { name: 'small', landmarks: landmarksAt(100, 100, 0.3, -10) },
    { name: 'over the border', landmarks: landmarksAt(-30, 520, 1.2, 5) },
  ])('gives every template the very pixels of the photograph: $name', ({ landmarks }) => {
    const cut = cutFace(image, landmarks);
    for (const template of [arcFaceTemplate, dlibTemplate, larger]) {
      const fromPhotograph = alignCrop(image, landmarks, template).pixels;
      const fromCut = alignCrop(cut.image, cut.landmarks, template).pixels;
      // A coordinate that is moved rounds differently in its last bit, and a grey level with it.
      const differences = fromCut.map((value, index) => Math.abs(value - (fromPhotograph[index] ?? 0)));
      expect(Math.max(...differences), template.name).toBeLessThanOrEqual(1);
    }
    expect(cut.image.width * cut.image.height).toBeLessThan(image.width * image.height);
  });

  it('averages a face of more than three times the resolution of the crop, by a whole factor', () => {
    const landmarks = landmarksAt(50, 20, 4.5, 0);
    expect(cutFace(image, landmarks).image.width).toBeGreaterThan(400);
    const wide = noise(1400, 1200);
    const cut = cutFace(wide, landmarksAt(100, 50, 9.3, 0));
    const [leftEye] = landmarkPoints(cut.landmarks);
    const [original] = landmarkPoints(landmarksAt(100, 50, 9.3, 0));
    // The third part, by blocks whose centres are at 1, 4, 7 …
    expect(cut.image.width).toBe(Math.ceil((1400 - 0) / 3));
    expect(leftEye.x).toBeCloseTo((original.x - 1) / 3, 6);
  });
});
