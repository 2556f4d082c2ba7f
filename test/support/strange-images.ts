import { deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { pngChunk } from './handmade-images.js';

/** Chunks of a PNG behind its signature, each whole. */
function chunksOf(png: Buffer): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 8; at < png.length;) {
    const length = 12 + png.readUInt32BE(at);
    chunks.push(png.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

/** A PNG with further chunks behind its header. */
export function pngWith(png: Buffer, ...added: readonly Buffer[]): Buffer {
  const [header = Buffer.alloc(0), ...rest] = chunksOf(png);
  return Buffer.concat([png.subarray(0, 8), header, ...added, ...rest]);
}

/** A chunk of compressed text that becomes so many bytes. @param type `zTXt` or `iCCP` */
export function compressedChunk(type: string, bytes: number): Buffer {
  return pngChunk(
    type,
    Buffer.concat([Buffer.from('name\0\0'), deflateSync(Buffer.alloc(bytes), { level: 9 })]),
  );
}

/** A JPEG with a segment behind its first marker. @param marker the second byte of the segment's marker */
export function jpegWith(jpeg: Buffer, marker: number, ...payloads: readonly Buffer[]): Buffer {
  const segments = payloads.map((payload) => {
    const header = Buffer.from([0xff, marker, 0, 0]);
    header.writeUInt16BE(payload.length + 2, 2);
    return Buffer.concat([header, payload]);
  });
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** EXIF whose directory has one orientation, of any number, and says that it is its own successor. */
export function exifWith(orientation: number, isEndless = false): Buffer {
  const tiff = Buffer.from('II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0', 'latin1');
  tiff.writeUInt16LE(orientation, 18);
  if (isEndless) tiff.writeUInt32LE(8, 22);
  return Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
}

/**
 * A progressive JPEG whose last scan stands there again and again: each costs a walk over all coefficients, and a few hundred
 * bytes of file.
 */
export async function jpegOfManyScans(side: number, scans: number): Promise<Buffer> {
  const jpeg = await sharp({ create: { width: side, height: side, channels: 3, background: '#808080' } })
    .jpeg({ progressive: true })
    .toBuffer();
  const last = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = jpeg.subarray(last, jpeg.length - 2);
  return Buffer.concat([
    jpeg.subarray(0, -2),
    ...Array.from({ length: scans }, () => scan),
    jpeg.subarray(-2),
  ]);
}

/** A GIF of one frame, with that frame again so many times. */
export function gifOfManyFrames(frames: number): Buffer {
  const header = Buffer.from('GIF89a\x10\0\x10\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  const frame = Buffer.from('2c00000000100010000002' + '0e' + '848fa9cbed0fa39cb4da8bb33e05' + '00', 'hex');
  return Buffer.concat([header, ...Array.from({ length: frames }, () => frame), Buffer.of(0x3b)]);
}

/** A grey TIFF whose directory, uncompressed and of one strip, says where the next one is. */
export function tiffOfManyPages(pages: number, isEndless = false): Buffer {
  const [short, long] = [3, 4];
  const entries = [
    [256, long, 16],
    [257, long, 16],
    [258, short, 8],
    [259, short, 1],
    [262, short, 1],
    [273, long, 8],
    [277, short, 1],
    [278, long, 16],
    [279, long, 256],
  ] as const;
  const directoryBytes = 2 + entries.length * 12 + 4;
  const first = 8 + 256;
  const header = Buffer.alloc(first, 0x80);
  header.write('II*\0', 'latin1');
  header.writeUInt32LE(first, 4);
  const directories = Array.from({ length: pages }, (_, page) => {
    const directory = Buffer.alloc(directoryBytes);
    directory.writeUInt16LE(entries.length, 0);
    entries.forEach(([tag, type, value], index) => {
      directory.writeUInt16LE(tag, 2 + index * 12);
      directory.writeUInt16LE(type, 4 + index * 12);
      directory.writeUInt32LE(1, 6 + index * 12);
      directory.writeUInt32LE(value, 10 + index * 12);
    });
    const next = page + 1 < pages ? first + (page + 1) * directoryBytes : isEndless ? first : 0;
    directory.writeUInt32LE(next, directoryBytes - 4);
    return directory;
  });
  return Buffer.concat([header, ...directories]);
}

/** Drawings that would show a file of the server's, ask another machine, or be drawn without end. */
export function hostileDrawings(): Readonly<Record<string, Buffer>> {
  const svg = (body: string, doctype = ''): string =>
    `<?xml version="1.0"?>${doctype}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="400" height="400">${body}</svg>`;
  const entities = Array.from({ length: 12 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
    '',
  );
  return {
    'a drawing with a file': Buffer.from(
      svg('<image xlink:href="file:///etc/passwd" width="400" height="400"/>'),
    ),
    'a drawing with an entity of a file': Buffer.from(
      svg('<text y="20">&f;</text>', '<!DOCTYPE svg [<!ENTITY f SYSTEM "file:///etc/passwd">]>'),
    ),
    'a drawing with a billion laughs': Buffer.from(
      svg('<text>&l12;</text>', `<!DOCTYPE svg [<!ENTITY l0 "ha">${entities}]>`),
    ),
    'a drawing with an address': Buffer.from(svg('<image href="http://127.0.0.1:9/x.png"/>')),
    'a compressed drawing': gzipSync(svg('<rect width="9" height="9"/>')),
    'a document': Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF'),
    PostScript: Buffer.from('%!PS\n{} loop'),
    'a JPEG XL': Buffer.from('0000000c4a584c200d0a870a00000014667479706a786c20', 'hex'),
    'a JPEG 2000': Buffer.from('0000000c6a5020200d0a870a00000014667479706a703220', 'hex'),
    'raw pixels of vips': Buffer.from('b6a6f208000000ff000000ff', 'hex'),
    'a picture of magick': Buffer.from('push graphic-context\nimage over 0,0 0,0 "|touch /tmp/x"\n'),
  };
}
