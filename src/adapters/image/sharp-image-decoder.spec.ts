import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { Failure, type FailureReason } from '../../domain/failure.js';
import type { RgbImage } from '../../domain/image/rgb-image.js';
import { encodePng } from './png-encoder.js';
import { SharpImageDecoder } from './sharp-image-decoder.js';

type Colour = readonly [number, number, number];
const red: Colour = [230, 20, 30];
const green: Colour = [20, 200, 40];
const blue: Colour = [30, 40, 220];
const grey: Colour = [120, 120, 120];

const decoder = new SharpImageDecoder();

/** 48 x 32: red, green over blue, grey quadrants of 24 x 16, so that any turn or mirroring shows. */
function quadrants(): RgbImage {
  const [width, height] = [48, 32];
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = y < 16 ? (x < 24 ? red : green) : x < 24 ? blue : grey;
      pixels.set(colour, (y * width + x) * 3);
    }
  }
  return { width, height, pixels };
}

function asSharp({ width, height, pixels }: RgbImage): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** Photograph-like: every format needs many bytes for it. */
function noise(width: number, height: number): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  let state = 1;
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pixels[i] = state >>> 24;
  }
  return { width, height, pixels };
}

function colourAt(image: RgbImage, x: number, y: number): Colour {
  const start = (y * image.width + x) * 3;
  return [image.pixels[start]!, image.pixels[start + 1]!, image.pixels[start + 2]!];
}

function expectColour(actual: Colour, expected: Colour, tolerance: number): void {
  actual.forEach((value, channel) => {
    expect(
      Math.abs(value - expected[channel]!),
      `${actual.join()} for ${expected.join()}`,
    ).toBeLessThanOrEqual(tolerance);
  });
}

function expectQuadrants(image: RgbImage, tolerance: number): void {
  expect([image.width, image.height]).toEqual([48, 32]);
  expect(image.pixels).toHaveLength(48 * 32 * 3);
  expectColour(colourAt(image, 8, 6), red, tolerance);
  expectColour(colourAt(image, 40, 6), green, tolerance);
  expectColour(colourAt(image, 8, 26), blue, tolerance);
  expectColour(colourAt(image, 40, 26), grey, tolerance);
}

async function failureOf(encoded: Uint8Array, by = decoder): Promise<Failure> {
  const outcome: unknown = await by.decode(encoded).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(Failure);
  return outcome as Failure;
}

async function expectReason(encoded: Uint8Array, reason: FailureReason, by = decoder): Promise<Failure> {
  const failure = await failureOf(encoded, by);
  expect(failure.reason).toBe(reason);
  expect(failure.message).not.toMatch(/vips|\/|node_modules/i);
  return failure;
}

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
      await expectReason(encoded.subarray(0, Math.floor(encoded.length * share)), 'IMAGE_UNREADABLE');
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
    await expectReason(encoded, 'IMAGE_UNREADABLE');
  });

  it.each(['\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'GIF89a', 'II*\0', 'RIFF\x10\0\0\0WEBP'])(
    'refuses the bare signature %j as unreadable',
    async (signature) => {
      await expectReason(Buffer.from(signature + 'garbage garbage', 'latin1'), 'IMAGE_UNREADABLE');
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

describe('refusals', () => {
  it('refuses no bytes as empty', async () => {
    await expectReason(new Uint8Array(), 'IMAGE_EMPTY');
  });

  it.each([
    [
      'SVG',
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    ],
    [
      'SVG with a prologue',
      '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    ],
    ['PDF', '%PDF-1.7\n1 0 obj <<>> endobj'],
    ['text', 'this is not an image'],
    ['PPM', 'P6 1 1 255\nabc'],
    ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    ['a brand after the ftyp box', '\0\0\0\x10ftypheic\0\0\0\0avif'],
    ['RIFF audio', 'RIFF\x10\0\0\0WAVEfmt '],
    ['zip', 'PK\x03\x04'],
  ])('refuses %s', async (_, text) => {
    await expectReason(Buffer.from(text, 'latin1'), 'IMAGE_FORMAT_UNSUPPORTED');
  });

  it('refuses more bytes than the limit, and takes exactly as many', async () => {
    const encoded = await encodePng(quadrants());
    const limits = { maximumPixels: 1e6 };
    const exact = new SharpImageDecoder({ ...limits, maximumBytes: encoded.byteLength });
    expectQuadrants(await exact.decode(encoded), 0);
    const tight = new SharpImageDecoder({ ...limits, maximumBytes: encoded.byteLength - 1 });
    const failure = await expectReason(encoded, 'IMAGE_TOO_LARGE', tight);
    expect(failure.metadata['maximum_bytes']).toBe(String(encoded.byteLength - 1));
  });

  it('refuses more pixels than the limit, and takes exactly as many', async () => {
    const encoded = await encodePng(quadrants());
    const limits = { maximumBytes: 1e6 };
    expectQuadrants(await new SharpImageDecoder({ ...limits, maximumPixels: 48 * 32 }).decode(encoded), 0);
    const tight = new SharpImageDecoder({ ...limits, maximumPixels: 48 * 32 - 1 });
    await expectReason(encoded, 'IMAGE_TOO_LARGE', tight);
  });

  it('refuses a 30,000 x 30,000 PNG from its header, without memory for its pixels', async () => {
    // All rows in one stream of zeros, which deflate packs a thousandfold: a decompression bomb.
    const encoded = pngOf(30_000, 30_000, deflateSync(Buffer.alloc(4_000_000)));
    const before = process.memoryUsage().rss;
    const failure = await expectReason(encoded, 'IMAGE_TOO_LARGE');
    expect(failure.metadata).toMatchObject({ width: '30000', height: '30000' });
    expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
  });

  it('refuses a PNG whose header promises more rows than follow', async () => {
    await expectReason(pngOf(2_000, 2_000, deflateSync(Buffer.alloc(6_001 * 3))), 'IMAGE_UNREADABLE');
  });

  it('refuses or ignores an inflated text chunk, but never holds it', async () => {
    const text = Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(300_000_000, 65))]);
    const good = Buffer.from(await encodePng(quadrants()));
    const headerEnd = 33;
    const encoded = Buffer.concat([
      good.subarray(0, headerEnd),
      chunk('zTXt', text),
      good.subarray(headerEnd),
    ]);
    const before = process.memoryUsage().rss;
    const outcome = await decoder.decode(encoded).catch((error: unknown) => error);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    if (outcome instanceof Failure) expect(outcome.reason).toBe('IMAGE_UNREADABLE');
    else expectQuadrants(outcome as RgbImage, 0);
  });

  it('goes on decoding after refusals', async () => {
    await expectReason(Buffer.from('GIF89a'), 'IMAGE_UNREADABLE');
    expectQuadrants(await decoder.decode(await encodePng(quadrants())), 0);
  });
});

/** An uncompressed little-endian RGB TIFF with 16 bits a sample, which sharp does not write. */
function sixteenBitTiff({ width, height, pixels }: RgbImage): Buffer {
  const [short, long] = [3, 4];
  const bitsOffset = 8;
  const dataOffset = 16;
  const data = Buffer.from(Uint16Array.from(pixels, (value) => value * 257).buffer);
  const entries = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, 3, bitsOffset],
    [259, short, 1, 1], // no compression
    [262, short, 1, 2], // RGB
    [273, long, 1, dataOffset],
    [277, short, 1, 3],
    [278, long, 1, height],
    [279, long, 1, data.length],
  ] as const;
  const header = Buffer.from('II*\0\0\0\0\0\x10\0\x10\0\x10\0\0\0', 'latin1');
  header.writeUInt32LE(dataOffset + data.length, 4);
  const directory = Buffer.alloc(2 + entries.length * 12 + 4);
  directory.writeUInt16LE(entries.length, 0);
  entries.forEach(([tag, type, count, value], index) => {
    const start = 2 + index * 12;
    directory.writeUInt16LE(tag, start);
    directory.writeUInt16LE(type, start + 2);
    directory.writeUInt32LE(count, start + 4);
    directory.writeUInt32LE(value, start + 8);
  });
  return Buffer.concat([header, data, directory]);
}

/** A PNG of 8-bit RGB with the given image data. */
function pngOf(width: number, height: number, imageData: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', imageData),
    chunk('IEND', new Uint8Array()),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
