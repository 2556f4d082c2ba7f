import { expect, it } from 'vitest';

import { arcFaceTemplate, dlibTemplate } from '../../core/faces/alignment-template.js';
import { mapLandmarks } from '../../core/faces/landmarks.js';
import { reduceRegion } from '../../core/images/box-reduction.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { Photograph } from '../decode/photograph.js';
import { cutCrops } from './cut-crops.js';

/** Smooth waves, so that a place out by half a pixel of the crop shows. */
const image: RgbImage = {
  width: 1200,
  height: 900,
  pixels: Uint8Array.from({ length: 1200 * 900 * 3 }, (_, index) => {
    const [x, y] = [Math.floor(index / 3) % 1200, Math.floor(index / 3 / 1200)];
    return 128 + 60 * Math.sin(x / 23) + 60 * Math.cos(y / 19 + (index % 3));
  }),
};

function photograph(factors: readonly number[]): {
  readonly photograph: Photograph;
  readonly decoded: number[];
} {
  const decoded: number[] = [];
  const decode = (factor: number): Promise<RgbImage> => {
    decoded.push(factor);
    return Promise.resolve(reduceRegion(image, { x: 0, y: 0, width: 1200, height: 900 }, factor));
  };
  return { photograph: new Photograph({ width: 1200, height: 900, factors, decode }), decoded };
}

/** A face of four pixels of the photograph along one of ArcFace's crop. */
const landmarks = mapLandmarks(arcFaceTemplate.landmarks, ({ x, y }) => ({ x: 300 + 4 * x, y: 200 + 4 * y }));

it('cuts the same from a reduced photograph as from the whole', async () => {
  const wanted = { alignment: dlibTemplate, storedCrop: false };
  const whole = await cutCrops(photograph([]).photograph, landmarks, wanted);
  const reduced = await cutCrops(photograph([2]).photograph, landmarks, wanted);
  for (const crop of ['arcFace', 'backbone'] as const) {
    const differences = whole[crop].pixels.map((value, index) =>
      Math.abs(value - reduced[crop].pixels[index]!),
    );
    expect(Math.max(...differences)).toBeLessThanOrEqual(3);
  }
  expect(reduced.landmarks).toEqual(whole.landmarks);
});

it('decodes finer only where a crop has more pixels than the face', async () => {
  const { photograph: one, decoded } = photograph([2, 3]);
  // A pixel of dlib's crop is 2.67 of the photograph's, of ArcFace's 4: two thirds of them are 1.78 and 2.67.
  await cutCrops(one, landmarks, { alignment: dlibTemplate, storedCrop: false });
  expect(decoded).toEqual([1]);
  const other = photograph([2, 3]);
  await cutCrops(other.photograph, landmarks, { alignment: arcFaceTemplate, storedCrop: false });
  expect(other.decoded).toEqual([2]);
});

it('keeps three pixels along one of the 112x112 crop in the stored crop, where the photograph has them', async () => {
  const { photograph: one, decoded } = photograph([2, 3]);
  const { stored, backbone, arcFace } = await cutCrops(one, landmarks, {
    alignment: arcFaceTemplate,
    storedCrop: true,
  });
  expect(decoded).toEqual([1]);
  expect(stored!.landmarks.rightEye.x - stored!.landmarks.leftEye.x).toBeCloseTo(4 * 35.2372, 3);
  // One template, one crop.
  expect(backbone).toBe(arcFace);
});
