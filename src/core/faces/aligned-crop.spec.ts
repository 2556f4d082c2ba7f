import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../images/rgb-image.js';
import { alignCrop, landmarksInCrop } from './aligned-crop.js';
import { type AlignmentTemplate, arcFaceTemplate, dlibTemplate } from './alignment-template.js';
import { landmarkPoints, type Landmarks, landmarksFromPoints, type Point } from './landmarks.js';
import { applyTransform, type SimilarityTransform } from './similarity-transform.js';

function imageOf(width: number, height: number, colour: (x: number, y: number) => number[]): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set(colour(x, y), (y * width + x) * 3);
  }
  return { width, height, pixels };
}

function colourAt(image: RgbImage, x: number, y: number): number[] {
  const start = (y * image.width + x) * 3;
  return [...image.pixels.subarray(start, start + 3)];
}

/** Landmarks whose aligned crop shows the image through the given transform from crop to image. */
function landmarksSeenThrough(template: AlignmentTemplate, cropToImage: SimilarityTransform): Landmarks {
  const points = landmarkPoints(template.landmarks).map((point) => applyTransform(cropToImage, point));
  return landmarksFromPoints(points as unknown as readonly [Point, Point, Point, Point, Point]);
}

const identity: SimilarityTransform = { a: 1, b: 0, translationX: 0, translationY: 0 };

/** A smooth picture: linear in x and y, so that bilinear sampling is exact. */
const ramp = imageOf(300, 260, (x, y) => [x * 0.8, y * 0.9, (x + y) * 0.4]);

describe('alignCrop', () => {
  it('copies an image whose landmarks are the template', () => {
    const image = imageOf(112, 112, (x, y) => [(x * 37 + y * 11) % 256, (x * y) % 256, (x ^ y) % 256]);
    expect(alignCrop(image, arcFaceTemplate.landmarks, arcFaceTemplate)).toEqual(image);
  });

  it('shows whole pixels at whole moves, and black beyond the border', () => {
    const image = imageOf(112, 112, (x, y) => [x + 1, y + 1, 200]);
    const moved = landmarksSeenThrough(arcFaceTemplate, { ...identity, translationX: -10, translationY: 5 });
    const crop = alignCrop(image, moved, arcFaceTemplate);
    expect(colourAt(crop, 10, 0)).toEqual([1, 6, 200]);
    expect(colourAt(crop, 60, 40)).toEqual([51, 46, 200]);
    expect(colourAt(crop, 9, 0)).toEqual([0, 0, 0]);
    expect(colourAt(crop, 60, 107)).toEqual([0, 0, 0]);
  });

  it('mixes the border with black, as InsightFace', () => {
    const white = imageOf(112, 112, () => [200, 200, 200]);
    const half = landmarksSeenThrough(arcFaceTemplate, { ...identity, translationX: -0.5 });
    const crop = alignCrop(white, half, arcFaceTemplate);
    expect(colourAt(crop, 0, 50)).toEqual([100, 100, 100]);
    expect(colourAt(crop, 1, 50)).toEqual([200, 200, 200]);
  });

  it('samples a turned and scaled face between pixels', () => {
    const cropToImage = { a: 1.3, b: 0.4, translationX: 70, translationY: 20 };
    const crop = alignCrop(ramp, landmarksSeenThrough(dlibTemplate, cropToImage), dlibTemplate);
    expect([crop.width, crop.height]).toEqual([150, 150]);
    for (const point of [
      { x: 20, y: 10 },
      { x: 75, y: 76 },
      { x: 140, y: 100 },
    ]) {
      const { x, y } = applyTransform(cropToImage, point);
      const expected = [x * 0.8, y * 0.9, (x + y) * 0.4];
      colourAt(crop, point.x, point.y).forEach((value, channel) => {
        // The picture and the crop are both rounded to whole numbers.
        expect(Math.abs(value - expected[channel]!)).toBeLessThan(1.6);
      });
    }
  });

  it.each([2.01, 2.6, 3.5, 4.2, 7.9])('keeps places when it shrinks by %d', (shrink) => {
    const size = Math.ceil(112 * shrink * 1.4);
    const step = 255 / (2 * size);
    const image = imageOf(size, size, (x, y) => [x * step, y * step, (x + y) * step]);
    const cropToImage = { a: shrink, b: 0.1 * shrink, translationX: 12 * shrink, translationY: 3 * shrink };
    const crop = alignCrop(image, landmarksSeenThrough(arcFaceTemplate, cropToImage), arcFaceTemplate);
    for (const point of [
      { x: 5, y: 5 },
      { x: 56, y: 70 },
      { x: 108, y: 104 },
    ]) {
      const { x, y } = applyTransform(cropToImage, point);
      [x, y, x + y].forEach((value, channel) => {
        expect(Math.abs(colourAt(crop, point.x, point.y)[channel]! - value * step)).toBeLessThan(1.6);
      });
    }
  });

  it('does not alias: stripes finer than the crop become their mean', () => {
    const stripes = imageOf(900, 900, (x) => (x % 2 === 0 ? [255, 0, 255] : [0, 255, 0]));
    const cropToImage = { a: 5.3, b: 0, translationX: 100, translationY: 100 };
    const crop = alignCrop(stripes, landmarksSeenThrough(arcFaceTemplate, cropToImage), arcFaceTemplate);
    const values = [...crop.pixels];
    expect(Math.max(...values)).toBeLessThan(175);
    expect(Math.min(...values)).toBeGreaterThan(80);
  });

  it.each([1, 6])('is black where the crop misses the image altogether (scale %d)', (a) => {
    const far = landmarksSeenThrough(arcFaceTemplate, { a, b: 0, translationX: 5_000, translationY: -9_000 });
    const crop = alignCrop(ramp, far, arcFaceTemplate);
    expect(crop).toEqual({ width: 112, height: 112, pixels: new Uint8Array(112 * 112 * 3) });
  });

  it('mirrors with the image', () => {
    // The template itself is not symmetric, so a symmetric one is used.
    const template: AlignmentTemplate = { ...dlibTemplate, landmarks: symmetric(dlibTemplate) };
    const mirror = ({ x, y }: Point): Point => ({ x: ramp.width - 1 - x, y });
    const landmarks = landmarksSeenThrough(template, { a: 1.2, b: -0.2, translationX: 30, translationY: 40 });
    const mirrored: Landmarks = {
      leftEye: mirror(landmarks.rightEye),
      rightEye: mirror(landmarks.leftEye),
      nose: mirror(landmarks.nose),
      leftMouthCorner: mirror(landmarks.rightMouthCorner),
      rightMouthCorner: mirror(landmarks.leftMouthCorner),
    };
    const crop = alignCrop(ramp, landmarks, template);
    const fromMirrored = alignCrop(flip(ramp), mirrored, template);
    const differences = flip(crop).pixels.map((value, index) =>
      Math.abs(value - fromMirrored.pixels[index]!),
    );
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  });

  it('rejects landmarks that coincide', () => {
    const point = { x: 50, y: 50 };
    const coincident = landmarksFromPoints([point, point, point, point, point]);
    expect(() => alignCrop(ramp, coincident, arcFaceTemplate)).toThrow(RangeError);
  });
});

describe('landmarksInCrop', () => {
  it('takes landmarks that fit the template onto it', () => {
    const landmarks = landmarksSeenThrough(arcFaceTemplate, {
      a: 3,
      b: -1,
      translationX: 400,
      translationY: 9,
    });
    const found = landmarkPoints(landmarksInCrop(landmarks, arcFaceTemplate));
    landmarkPoints(arcFaceTemplate.landmarks).forEach((point, index) => {
      expect(found[index]!.x).toBeCloseTo(point.x, 9);
      expect(found[index]!.y).toBeCloseTo(point.y, 9);
    });
  });

  it('finds in the crop what lies at a landmark of the photograph', () => {
    const landmarks: Landmarks = {
      leftEye: { x: 120, y: 100 },
      rightEye: { x: 180, y: 110 },
      nose: { x: 160, y: 140 },
      leftMouthCorner: { x: 118, y: 165 },
      rightMouthCorner: { x: 170, y: 172 },
    };
    const crop = alignCrop(ramp, landmarks, arcFaceTemplate);
    const { nose } = landmarksInCrop(landmarks, arcFaceTemplate);
    const [red, green] = colourAt(crop, Math.round(nose.x), Math.round(nose.y));
    // Rounding to a crop pixel is up to 0.71 crop pixels, about 1.4 of the photograph's.
    expect(Math.abs(red! - 160 * 0.8)).toBeLessThan(2.5);
    expect(Math.abs(green! - 140 * 0.9)).toBeLessThan(2.5);
  });
});

function symmetric({ width, landmarks }: AlignmentTemplate): Landmarks {
  const centre = (width - 1) / 2;
  return {
    leftEye: { x: centre - 26, y: landmarks.leftEye.y },
    rightEye: { x: centre + 26, y: landmarks.leftEye.y },
    nose: { x: centre, y: landmarks.nose.y },
    leftMouthCorner: { x: centre - 24, y: landmarks.leftMouthCorner.y },
    rightMouthCorner: { x: centre + 24, y: landmarks.leftMouthCorner.y },
  };
}

function flip(image: RgbImage): RgbImage {
  return imageOf(image.width, image.height, (x, y) => colourAt(image, image.width - 1 - x, y));
}
