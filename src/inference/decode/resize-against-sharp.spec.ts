import sharp from 'sharp';
import { expect, it } from 'vitest';
import { resizeImage } from '../../core/images/resize.js';

// The domain may not import sharp, so the comparison of its resizing with libvips' is here.
it('resizeImage agrees with libvips within 4 grey levels of RMS on a detailed picture', async () => {
  const [width, height] = [800, 600];
  const wave = (phase: number): number => 128 + 100 * Math.sin(phase);
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels.set([wave(x / 9), wave(y / 7), wave((x + y) / 11)], (y * width + x) * 3);
    }
  }
  const ours = resizeImage({ width, height, pixels }, 213, 160);
  const theirs = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize(213, 160, { kernel: 'linear', fit: 'fill' })
    .raw()
    .toBuffer();
  const squares = ours.pixels.reduce((sum, value, index) => sum + (value - theirs[index]!) ** 2, 0);
  expect(Math.sqrt(squares / ours.pixels.length)).toBeLessThan(4);
});
