import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { landmarksInCrop } from './aligned-crop.js';
import { arcFaceTemplate } from './alignment-template.js';
import { uniformGenerator } from '../random/seeded-random.js';
import { expectedFrontness, frontness, isSymmetric, noseOffsetPixels } from './frontness.js';
import { landmarkPoints, type Landmarks, landmarksFromPoints, type Point } from './landmarks.js';

/** The landmarks of the mirrored image: every x mirrored, left and right exchanged. */
function mirrored(landmarks: Landmarks, imageWidth: number): Landmarks {
  const mirror = ({ x, y }: Point): Point => ({ x: imageWidth - 1 - x, y });
  return {
    leftEye: mirror(landmarks.rightEye),
    rightEye: mirror(landmarks.leftEye),
    nose: mirror(landmarks.nose),
    leftMouthCorner: mirror(landmarks.rightMouthCorner),
    rightMouthCorner: mirror(landmarks.leftMouthCorner),
  };
}

const withNoseAt = (x: number): Landmarks => ({
  ...arcFaceTemplate.landmarks,
  leftEye: { x: 38, y: 52 },
  rightEye: { x: 74, y: 51 },
  nose: { x, y: 72 },
});

const jitter = fc.double({ min: -6, max: 6, noNaN: true });
const anyCropLandmarks = fc.array(fc.tuple(jitter, jitter), { minLength: 5, maxLength: 5 }).map((moves) => {
  const points = landmarkPoints(arcFaceTemplate.landmarks).map(({ x, y }, index) => ({
    x: x + moves[index]![0],
    y: y + moves[index]![1],
  }));
  return landmarksFromPoints(points as unknown as readonly [Point, Point, Point, Point, Point]);
});

describe('noseOffsetPixels and frontness', () => {
  it.each([
    // The eyes' middle is at (38 + 74) / 2 = 56.
    [56, 0, 1],
    [57, 1, 0.5],
    [54, 2, 0.2],
    [59, 3, 0.1],
    [63, 7, 0.02],
    [56.5, 0.5, 0.8],
  ])('a nose at %d has D = %d and rho = %d', (noseX, expectedOffset, expectedRho) => {
    const offset = noseOffsetPixels(withNoseAt(noseX));
    expect(offset).toBeCloseTo(expectedOffset, 12);
    expect(frontness(offset)).toBeCloseTo(expectedRho, 12);
  });

  it("is nearly 1 for ArcFace's own template: D = 56.0252 - (38.2946 + 73.5318) / 2 = 0.112", () => {
    const offset = noseOffsetPixels(arcFaceTemplate.landmarks);
    expect(offset).toBeCloseTo(0.112, 9);
    expect(frontness(offset)).toBeCloseTo(0.987611, 6);
  });

  it('stays the same when the crop is mirrored', () => {
    fc.assert(
      fc.property(anyCropLandmarks, (landmarks) => {
        expect(noseOffsetPixels(mirrored(landmarks, 112))).toBeCloseTo(noseOffsetPixels(landmarks), 9);
      }),
    );
  });

  it('changes by under 0.4 pixels when a photograph is mirrored and aligned anew', () => {
    fc.assert(
      fc.property(anyCropLandmarks, (landmarks) => {
        const original = noseOffsetPixels(landmarksInCrop(landmarks, arcFaceTemplate));
        const again = noseOffsetPixels(landmarksInCrop(mirrored(landmarks, 640), arcFaceTemplate));
        expect(Math.abs(again - original)).toBeLessThan(0.4);
      }),
    );
  });

  it('does not depend on the size, turn or place of the face in the photograph', () => {
    const photograph = (x: number, y: number): Point => ({ x: 900 + 3 * x - 2 * y, y: 400 + 2 * x + 3 * y });
    const crop = landmarksInCrop(withNoseAt(60), arcFaceTemplate);
    const points = landmarkPoints(withNoseAt(60)).map(({ x, y }) => photograph(x, y));
    const moved = landmarksFromPoints(points as unknown as readonly [Point, Point, Point, Point, Point]);
    expect(noseOffsetPixels(landmarksInCrop(moved, arcFaceTemplate))).toBeCloseTo(noseOffsetPixels(crop), 9);
  });

  it('keeps rho in (0, 1], falling as D grows', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (offset, more) => {
          expect(frontness(offset)).toBeGreaterThan(0);
          expect(frontness(offset)).toBeLessThanOrEqual(1);
          expect(frontness(offset + more)).toBeLessThanOrEqual(frontness(offset));
        },
      ),
    );
  });

  it('is 0 without landmarks', () => {
    expect(frontness(undefined)).toBe(0);
  });
});

describe('isSymmetric', () => {
  it('means rho > tau, not equal', () => {
    expect(isSymmetric(0.2)).toBe(false);
    expect(isSymmetric(0.2000001)).toBe(true);
    expect(isSymmetric(0.2, 0.1)).toBe(true);
    expect(isSymmetric(0.25, 0.3)).toBe(false);
    expect(isSymmetric(0)).toBe(false);
  });

  it('means D < 2 pixels at the default tau', () => {
    expect(isSymmetric(frontness(1.99))).toBe(true);
    expect(isSymmetric(frontness(2.01))).toBe(false);
  });
});

describe('expectedFrontness', () => {
  it('is the value of a Voigt profile where there is one in closed form', () => {
    // At D = 0, with s = √1.5 σ: √(π/2) / s · exp(1 / 2s²) · erfc(1 / (s √2)); for s = 1, 1.2533141 · 1.6487213 · 0.3173105.
    expect(expectedFrontness(1, 1 / Math.sqrt(1.5))).toBeCloseTo(0.6556795, 6);
  });

  it('agrees with a mean over drawn errors of the three landmarks', () => {
    const uniform = uniformGenerator(3);
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const draws = 200_000;
    let sum = 0;
    // D = 2 pixels, σ = 1.5.
    for (let draw = 0; draw < draws; draw++)
      sum += frontness(Math.abs(2 + 1.5 * (normal() - (normal() + normal()) / 2)));
    expect(Math.abs(expectedFrontness(0.2, 1.5) - sum / draws)).toBeLessThan(0.003);
  });

  it('is ρ without noise, nothing without landmarks, and falls with D', () => {
    expect(expectedFrontness(0.37, 0)).toBe(0.37);
    expect(expectedFrontness(0, 2)).toBe(0);
    expect(expectedFrontness(0.37, 1e-4)).toBeCloseTo(0.37, 6);
    const falling = [1, 0.5, 0.2, 0.05].map((rho) => expectedFrontness(rho, 1));
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    expect(falling[0]).toBeLessThan(0.6);
  });
});
