import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../../../test/support/expect-refusal.js';
import { sixteenBitTiff } from '../../../test/support/handmade-images.js';
import {
  asSharp,
  blue,
  type Colour,
  colourAt,
  expectColour,
  expectQuadrants,
  green,
  grey,
  noise,
  quadrants,
  red,
} from '../../../test/support/pictures.js';
import { encodePng } from './sharp-image-encoder.js';
import { SharpImageDecoder } from './sharp-image-decoder.js';

const decoder = new SharpImageDecoder();

const encoders: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  JPEG: (image) => image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
  'progressive JPEG': (image) => image.jpeg({ quality: 95, progressive: true, chromaSubsampling: '4:4:4' }),
  PNG: (image) => image.png(),
  'palette PNG': (image) => image.png({ palette: true }),
  WebP: (image) => image.webp({ quality: 95 }),
  'lossless WebP': (image) => image.webp({ lossless: true }),
  AVIF: (image) => image.avif({ quality: 90, effort: 0, chromaSubsampling: '4:4:4' }),
  GIF: (image) => image.gif(),
  TIFF: (image) => image.tiff({ compression: 'lzw' }),
};

describe('formats', () => {
  it.each(Object.keys(encoders))('decodes %s with its pixels in place', async (name) => {
    const encoded = await encoders[name]!(asSharp(quadrants())).toBuffer();
    expectQuadrants(await decoder.decode(encoded), 14);
  });

  it('decodes lossless formats to the very same bytes, also from a view into a larger buffer', async () => {
    const image = noise(37, 23);
    const png = await encodePng(image);
    const padded = new Uint8Array(png.length + 20);
    padded.set(png, 7);
    expect((await decoder.decode(padded.subarray(7, 7 + png.length))).pixels).toEqual(
      new Uint8Array(image.pixels),
    );
  });

  it.each(Object.keys(encoders))('refuses a truncated %s as unreadable', async (name) => {
    const encoded = await encoders[name]!(asSharp(noise(200, 160))).toBuffer();
    for (const share of [0.05, 0.3, 0.6, 0.9, 0.99]) {
      await expectRefusal(encoded.subarray(0, Math.floor(encoded.length * share)), 'IMAGE_UNREADABLE');
    }
  });

  it('takes a JPEG with stray bytes between its markers, as some cameras write', async () => {
    const encoded = await encoders['JPEG']!(asSharp(quadrants())).toBuffer();
    // Two bytes of start marker, two of the first segment's marker, then that segment's length.
    const firstSegmentEnd = 4 + encoded.readUInt16BE(4);
    const parts = [encoded.subarray(0, firstSegmentEnd), Buffer.alloc(3), encoded.subarray(firstSegmentEnd)];
    const stray = Buffer.concat(parts);
    await expect(sharp(stray).raw().toBuffer()).rejects.toThrow(/extraneous bytes/);
    expectQuadrants(await decoder.decode(stray), 14);
  });

  it('refuses bytes flipped in the middle of a PNG', async () => {
    const encoded = Buffer.from(await encodePng(noise(100, 100)));
    encoded.fill(0, 5_000, 5_400);
    await expectRefusal(encoded, 'IMAGE_UNREADABLE');
  });

  it.each(['\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'GIF89a', 'II*\0', 'RIFF\x10\0\0\0WEBP'])(
    'refuses the bare signature %j as unreadable',
    async (signature) => {
      await expectRefusal(Buffer.from(signature + 'garbage garbage', 'latin1'), 'IMAGE_UNREADABLE');
    },
  );
});

describe('orientation', () => {
  // Colours at the top left, top right, bottom left and bottom right of the upright image.
  const upright: Readonly<Record<number, readonly [Colour, Colour, Colour, Colour]>> = {
    1: [red, green, blue, grey],
    2: [green, red, grey, blue],
    3: [grey, blue, green, red],
    4: [blue, grey, red, green],
    5: [red, blue, green, grey],
    6: [blue, red, grey, green],
    7: [grey, green, blue, red],
    8: [green, grey, red, blue],
  };

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('applies EXIF orientation %i', async (orientation) => {
    const encoded = await asSharp(quadrants()).withMetadata({ orientation }).png().toBuffer();
    const image = await decoder.decode(encoded);
    const turned = orientation >= 5;
    expect([image.width, image.height]).toEqual(turned ? [32, 48] : [48, 32]);
    const [right, bottom] = [image.width - 1, image.height - 1];
    const corners = [
      colourAt(image, 0, 0),
      colourAt(image, right, 0),
      colourAt(image, 0, bottom),
      colourAt(image, right, bottom),
    ];
    expect(corners).toEqual(upright[orientation]);
  });

  it.each(['jpeg', 'webp', 'tiff', 'avif'] as const)('applies it in %s', async (format) => {
    const encoded = await asSharp(quadrants())
      .withMetadata({ orientation: 6 })
      .toFormat(format, { quality: 95 })
      .toBuffer();
    const image = await decoder.decode(encoded);
    expect([image.width, image.height]).toEqual([32, 48]);
    expectColour(colourAt(image, 6, 8), blue, 20);
    expectColour(colourAt(image, 26, 8), red, 20);
  });
});

describe('colour', () => {
  it.each(['png', 'jpeg', 'tiff'] as const)('repeats a grey %s in three channels', async (format) => {
    const encoded = await asSharp(quadrants()).greyscale().toColourspace('b-w').toFormat(format).toBuffer();
    expect((await sharp(encoded).metadata()).channels).toBe(1);
    const image = await decoder.decode(encoded);
    expect(image.pixels).toHaveLength(48 * 32 * 3);
    const [r, g, b] = colourAt(image, 40, 26);
    expect([g, b]).toEqual([r, r]);
    expect(Math.abs(r - 120)).toBeLessThanOrEqual(3);
  });

  it('converts a grey image with alpha', async () => {
    const encoded = await asSharp(quadrants())
      .greyscale()
      .toColourspace('b-w')
      .ensureAlpha(0)
      .png()
      .toBuffer();
    expect((await sharp(encoded).metadata()).channels).toBe(2);
    expect(colourAt(await decoder.decode(encoded), 3, 3)).toEqual([255, 255, 255]);
  });

  it.each(['jpeg', 'tiff'] as const)('converts a CMYK %s to sRGB', async (format) => {
    const encoded = await asSharp(quadrants()).toColourspace('cmyk').toFormat(format).toBuffer();
    expect((await sharp(encoded).metadata()).space).toBe('cmyk');
    const image = await decoder.decode(encoded);
    expect(image.pixels).toHaveLength(48 * 32 * 3);
    const [r, g, b] = colourAt(image, 8, 6);
    expect(r).toBeGreaterThan(150);
    expect(Math.max(g, b)).toBeLessThan(90);
  });

  it('scales a 16-bit PNG down, not off, with and without alpha', async () => {
    const wide = asSharp(quadrants()).toColourspace('rgb16');
    for (const source of [wide, wide.clone().ensureAlpha(1)]) {
      const encoded = await source.png().toBuffer();
      expect((await sharp(encoded).metadata()).depth).toBe('ushort');
      expectQuadrants(await decoder.decode(encoded), 1);
    }
  });

  it('puts the transparent pixels of a 16-bit PNG on white', async () => {
    const encoded = await asSharp(quadrants()).toColourspace('rgb16').ensureAlpha(0).png().toBuffer();
    expect((await sharp(encoded).metadata()).depth).toBe('ushort');
    expect(colourAt(await decoder.decode(encoded), 8, 6)).toEqual([255, 255, 255]);
  });

  it('scales a 16-bit TIFF down, not off', async () => {
    const encoded = sixteenBitTiff(quadrants());
    expect((await sharp(encoded).metadata()).depth).toBe('ushort');
    expectQuadrants(await decoder.decode(encoded), 1);
  });

  it('puts transparent pixels on white and mixes half-transparent ones with it', async () => {
    const rgba = Buffer.from([200, 0, 0, 0, 0, 0, 0, 128, 10, 20, 30, 255]);
    const encoded = await sharp(rgba, { raw: { width: 3, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    const image = await decoder.decode(encoded);
    expect(colourAt(image, 0, 0)).toEqual([255, 255, 255]);
    expectColour(colourAt(image, 1, 0), [127, 127, 127], 1);
    expect(colourAt(image, 2, 0)).toEqual([10, 20, 30]);
  });

  it('converts an embedded Display P3 profile to sRGB', async () => {
    const source = {
      create: { width: 8, height: 8, channels: 3, background: { r: 200, g: 100, b: 80 } },
    } as const;
    const encoded = await sharp(source).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(encoded, { ignoreIcc: true }).raw().toBuffer();
    // The bytes in the file are P3 values, well away from the colour that they stand for.
    expect(Math.abs(stored[0]! - 200)).toBeGreaterThan(4);
    expectColour(colourAt(await decoder.decode(encoded), 4, 4), [200, 100, 80], 3);
  });
});

describe('several frames or pages', () => {
  it.each(['gif', 'webp', 'tiff'] as const)('takes the first of a %s', async (format) => {
    const frames = await Promise.all(
      [red, green].map(([r, g, b]) =>
        sharp({ create: { width: 20, height: 10, channels: 3, background: { r, g, b } } })
          .png()
          .toBuffer(),
      ),
    );
    const encoded = await sharp(frames, { join: { animated: true } })
      .toFormat(format, { quality: 95 })
      .toBuffer();
    expect((await sharp(encoded).metadata()).pages).toBe(2);
    const image = await decoder.decode(encoded);
    expect([image.width, image.height]).toEqual([20, 10]);
    expectColour(colourAt(image, 10, 5), red, 12);
  });
});
