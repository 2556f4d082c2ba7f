import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../../../test/support/expect-refusal.js';
import { pngChunk, pngOf } from '../../../test/support/handmade-images.js';
import { expectQuadrants, quadrants } from '../../../test/support/pictures.js';
import { Failure } from '../../core/failure.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { encodePng } from './sharp-image-encoder.js';
import { SharpImageDecoder } from './sharp-image-decoder.js';

const decoder = new SharpImageDecoder();

describe('refusals', () => {
  it('refuses no bytes as empty', async () => {
    await expectRefusal(new Uint8Array(), 'IMAGE_EMPTY');
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
    await expectRefusal(Buffer.from(text, 'latin1'), 'IMAGE_FORMAT_UNSUPPORTED');
  });

  it.each([
    [1, 32_769],
    [32_769, 1],
  ])('refuses %dx%d pixels, few as they are, by their header', async (width, height) => {
    const encoded = await encodePng({ width, height, pixels: new Uint8Array(width * height * 3) });
    await expectRefusal(encoded, 'IMAGE_TOO_LARGE');
  });

  it('refuses more bytes than the limit, and takes exactly as many', async () => {
    const encoded = await encodePng(quadrants());
    const limits = { maximumPixels: 1e6 };
    const exact = new SharpImageDecoder({ ...limits, maximumBytes: encoded.byteLength });
    expectQuadrants(await exact.decode(encoded), 0);
    const tight = new SharpImageDecoder({ ...limits, maximumBytes: encoded.byteLength - 1 });
    const failure = await expectRefusal(encoded, 'IMAGE_TOO_LARGE', tight);
    expect(failure.metadata['maximum_bytes']).toBe(String(encoded.byteLength - 1));
  });

  it('refuses samples that take too much memory by the header, and takes as many of 8 bits', async () => {
    const limits = { maximumBytes: 1e6, maximumPixels: 48 * 32 };
    const decoderOfSame = new SharpImageDecoder(limits);
    const raw = { width: 48, height: 32, channels: 3 } as const;
    const tiff = async (colours: 'scrgb' | 'srgb') =>
      sharp(new Float32Array(48 * 32 * 3).fill(0.5), { raw })
        .toColourspace(colours)
        .tiff({ compression: 'deflate' })
        .toBuffer();
    const failure = await expectRefusal(await tiff('scrgb'), 'IMAGE_TOO_LARGE', decoderOfSame);
    expect(failure.metadata).toMatchObject({ bytes_per_pixel: '12', maximum_bytes: String(4 * 48 * 32) });
    await decoderOfSame.decode(await tiff('srgb'));
  });

  it('refuses more pixels than the limit, and takes exactly as many', async () => {
    const encoded = await encodePng(quadrants());
    const limits = { maximumBytes: 1e6 };
    expectQuadrants(await new SharpImageDecoder({ ...limits, maximumPixels: 48 * 32 }).decode(encoded), 0);
    const tight = new SharpImageDecoder({ ...limits, maximumPixels: 48 * 32 - 1 });
    await expectRefusal(encoded, 'IMAGE_TOO_LARGE', tight);
  });

  it('refuses a 30,000 x 30,000 PNG from its header, without memory for its pixels', async () => {
    // All rows in one stream of zeros, which deflate packs a thousandfold: a decompression bomb.
    const encoded = pngOf(30_000, 30_000, deflateSync(Buffer.alloc(4_000_000)));
    const before = process.memoryUsage().rss;
    const failure = await expectRefusal(encoded, 'IMAGE_TOO_LARGE');
    expect(failure.metadata).toMatchObject({ width: '30000', height: '30000' });
    expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
  });

  it('refuses a PNG whose header promises more rows than follow', async () => {
    await expectRefusal(pngOf(2_000, 2_000, deflateSync(Buffer.alloc(6_001 * 3))), 'IMAGE_UNREADABLE');
  });

  it('refuses or ignores an inflated text chunk, but never holds it', async () => {
    const text = Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(300_000_000, 65))]);
    const good = Buffer.from(await encodePng(quadrants()));
    const headerEnd = 33;
    const encoded = Buffer.concat([
      good.subarray(0, headerEnd),
      pngChunk('zTXt', text),
      good.subarray(headerEnd),
    ]);
    const before = process.memoryUsage().rss;
    const outcome = await decoder.decode(encoded).catch((error: unknown) => error);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    if (outcome instanceof Failure) expect(outcome.reason).toBe('IMAGE_UNREADABLE');
    else expectQuadrants(outcome as RgbImage, 0);
  });

  it('goes on decoding after refusals', async () => {
    await expectRefusal(Buffer.from('GIF89a'), 'IMAGE_UNREADABLE');
    expectQuadrants(await decoder.decode(await encodePng(quadrants())), 0);
  });
});
