import { crc32 } from 'node:zlib';
import type { RgbImage } from '../../src/core/images/rgb-image.js';

/** An uncompressed little-endian RGB TIFF with 16 bits a sample, which sharp does not write. */
export function sixteenBitTiff({ width, height, pixels }: RgbImage): Buffer {
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
export function pngOf(width: number, height: number, imageData: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', imageData),
    pngChunk('IEND', new Uint8Array()),
  ]);
}

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
