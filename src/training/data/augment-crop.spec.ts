import { describe, expect, it } from 'vitest';

import { pictureOf } from '../../../test/support/training-images.js';
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
