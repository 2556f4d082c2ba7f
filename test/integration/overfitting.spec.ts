import sharp from 'sharp';
import { expect, it } from 'vitest';

import { photographOfAnotherPerson, photographOfOnePerson } from '../support/npm-photographs.js';
import { batchOf, overfit } from '../support/overfitting.js';

const SIDE = 32;

/** Sixteen different cuts of a photograph. */
async function cutsOf(photograph: Buffer): Promise<Buffer[]> {
  const { width, height } = await sharp(photograph).metadata();
  const extent = Math.round(0.75 * Math.min(width, height));
  const cut = (index: number): Promise<Buffer> =>
    sharp(photograph)
      .extract({
        left: Math.floor(((index % 4) * (width - extent)) / 3),
        top: Math.floor((Math.floor(index / 4) * (height - extent)) / 3),
        width: extent,
        height: extent,
      })
      .resize(SIDE, SIDE)
      .raw()
      .toBuffer();
  return Promise.all(Array.from({ length: 16 }, (_, index) => cut(index)));
}

it('the smallest network learns 32 pictures of faces by heart, whatever they are called', async () => {
  const photographs = await Promise.all([photographOfOnePerson(), photographOfAnotherPerson()]);
  const images = (await Promise.all(photographs.map(cutsOf))).flat();
  const batch = batchOf(
    images,
    images.map((_, index) => (index * 5 + (index >> 3)) % 8),
  );
  const losses = await overfit('shufflefacenet-x0.5', SIDE, batch, {
    steps: 150,
    enough: 0.02,
    learningRate: 0.1,
  });
  console.log(
    `loss ${losses[0]!.toFixed(3)} at first, ${losses.at(-1)!.toFixed(4)} after ${losses.length} steps`,
  );
  expect(losses[0]).toBeGreaterThan(2);
  expect(losses.at(-1)).toBeLessThan(0.02);
});
