import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { isSrgbProfile } from './srgb-profile.js';

const grey = { create: { width: 8, height: 8, channels: 3, background: 'grey' } } as const;

async function profileOf(name: string): Promise<Uint8Array> {
  const { icc } = await sharp(await sharp(grey).withIccProfile(name).png().toBuffer()).metadata();
  return icc!;
}

describe('isSrgbProfile', () => {
  it('knows sRGB from other colours with the same curve', async () => {
    expect(isSrgbProfile(await profileOf('srgb'))).toBe(true);
    // Display P3 has sRGB's curve and other primaries.
    expect(isSrgbProfile(await profileOf('p3'))).toBe(false);
  });

  it('knows sRGB from the same primaries with another curve', async () => {
    const profile = new Uint8Array(await profileOf('srgb'));
    const view = new DataView(profile.buffer);
    const tags = Array.from({ length: view.getUint32(128) }, (_, index) => 132 + 12 * index);
    const red = tags.find((at) => String.fromCharCode(...profile.subarray(at, at + 4)) === 'rTRC')!;
    // The exponent, 2.4, becomes 1.8.
    view.setInt32(view.getUint32(red + 4) + 12, 1.8 * 65_536);
    expect(isSrgbProfile(profile)).toBe(false);
  });

  it('takes no profile that is cut short for sRGB', async () => {
    const profile = await profileOf('srgb');
    for (const length of [0, 100, 131, 140, 300])
      expect(isSrgbProfile(profile.subarray(0, length))).toBe(false);
  });
});
