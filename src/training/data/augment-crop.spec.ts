import { describe, expect, it } from 'vitest';

import { coarsePicture } from '../../../test/support/pictures-of-detail.js';
import { pictureOf } from '../../../test/support/training-images.js';
import { measurePicture } from '../../core/images/picture-measures.js';
import { augmentCrop } from './augment-crop.js';

const crop = { image: pictureOf(3), noseX: 55.5 };
const nothing = { crop: 0, lowResolution: 0, photometric: 0 };

describe('augmentCrop', () => {
  it('does nothing where nothing is likely', async () => {
    expect(await augmentCrop(crop, nothing, 1)).toEqual(crop);
  });

  it.each(['crop', 'lowResolution', 'photometric'] as const)(
    'changes pixels (%s) and neither the size nor where the nose is; the same for a seed',
    async (change) => {
      const options = { ...nothing, [change]: 1 };
      const [first, again, other] = await Promise.all(
        [4, 4, 5].map((seed) => augmentCrop(crop, options, seed)),
      );
      expect(first).toMatchObject({ noseX: 55.5, image: { width: 112, height: 112 } });
      expect(first!.image.pixels).toHaveLength(crop.image.pixels.length);
      expect(first!.image.pixels).not.toEqual(crop.image.pixels);
      expect(again).toEqual(first);
      expect(other!.image.pixels).not.toEqual(first!.image.pixels);
    },
  );

  it('blurs what is made smaller and larger again', async () => {
    const steps = (pixels: Uint8Array) =>
      pixels.reduce((sum, value, index) => sum + Math.abs(value - (pixels[index + 3] ?? value)), 0);
    const { image } = await augmentCrop(crop, { ...nothing, lowResolution: 1 }, 11);
    expect(steps(image.pixels)).toBeLessThan(0.8 * steps(crop.image.pixels));
  });
});

describe('augmentCrop to the looks of a site', () => {
  const sharp = { image: coarsePicture(60), noseX: 55.5 };
  const site = { ...nothing, site: 1 };
  const dim = { brightness: 70, contrast: 15, colour: 0, detailPixels: 18, noise: 3 };

  it('makes a face as coarse, dark, flat and noisy as the one that is drawn', async () => {
    const { image, noseX } = await augmentCrop(sharp, site, 1, [dim]);
    expect(noseX).toBe(55.5);
    expect(image).toMatchObject({ width: 112, height: 112 });
    const measured = measurePicture(image);
    expect(measured.brightness).toBeCloseTo(70, 0);
    // Of the contrast, noise of the deviation 3 is a part.
    expect(measured.contrast).toBeCloseTo(Math.hypot(15, 3), 0);
    expect(measured.noise).toBeCloseTo(3, 0);
    // Of 58: how soft resampling is depends on what is resampled.
    expect(measured.detailPixels).toBeGreaterThan(14);
    expect(measured.detailPixels).toBeLessThan(25);
  });

  it('draws among the looks, by the seed', async () => {
    const bright = { ...dim, brightness: 150 };
    const profile = [dim, bright];
    const brightness = async (seed: number) =>
      Math.round(measurePicture((await augmentCrop(sharp, site, seed, profile)).image).brightness);
    const drawn = await Promise.all(Array.from({ length: 12 }, (_, seed) => brightness(seed)));
    expect(new Set(drawn)).toEqual(new Set([70, 150]));
    expect(await augmentCrop(sharp, site, 3, profile)).toEqual(await augmentCrop(sharp, site, 3, profile));
  });

  it('changes nothing where all faces look the same, or none is known', async () => {
    expect(await augmentCrop(sharp, site, 1, [measurePicture(sharp.image)])).toEqual(sharp);
    expect(await augmentCrop(sharp, site, 1, [])).toEqual(sharp);
  });

  it('makes nothing sharper', async () => {
    const coarse = { ...sharp, image: coarsePicture(20) };
    const own = measurePicture(coarse.image);
    expect(await augmentCrop(coarse, site, 1, [{ ...own, detailPixels: 80 }])).toEqual(coarse);
  });
});
