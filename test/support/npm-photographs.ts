import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp, { type Region, type Sharp } from 'sharp';

/** Photographs with faces that an npm dependency ships; read at run time, so none is committed here. */
/** Its `exports` do not name the picture, so the path goes by way of the entry point, in dist/. */
const samplesPath = join(
  dirname(createRequire(import.meta.url).resolve('@vladmandic/human')),
  '../assets/samples.jpg',
);

const onePerson: Region = { left: 326, top: 2, width: 210, height: 154 };
const anotherPerson: Region = { left: 168, top: 2, width: 140, height: 154 };
/** Thumbnails are small: enlarged, a face has about 100 pixels. */
const enlargement = 4;

async function enlarged(region: Region): Promise<Sharp> {
  const png = await sharp(samplesPath).extract(region).png().toBuffer();
  return sharp(png).resize(region.width * enlargement, region.height * enlargement);
}

export async function photographOfOnePerson(): Promise<Buffer> {
  return (await enlarged(onePerson)).jpeg({ quality: 95 }).toBuffer();
}

/** The same person: smaller, darker, mirrored and compressed harder. */
export async function secondPhotographOfThatPerson(): Promise<Buffer> {
  const first = await photographOfOnePerson();
  return sharp(first).resize(600).flop().modulate({ brightness: 0.85 }).jpeg({ quality: 70 }).toBuffer();
}

export async function photographOfAnotherPerson(): Promise<Buffer> {
  return (await enlarged(anotherPerson)).jpeg({ quality: 95 }).toBuffer();
}

/** Both persons side by side. */
export async function photographOfTwoPersons(): Promise<Buffer> {
  const [left, right] = await Promise.all([photographOfOnePerson(), photographOfAnotherPerson()]);
  const { width: leftWidth, height } = await sharp(left).metadata();
  const { width: rightWidth } = await sharp(right).metadata();
  return sharp({ create: { width: leftWidth + rightWidth, height, channels: 3, background: 'black' } })
    .composite([
      { input: left, left: 0, top: 0 },
      { input: right, left: leftWidth, top: 0 },
    ])
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** A smooth gradient with nobody in it. */
export async function photographOfNobody(): Promise<Buffer> {
  const [width, height] = [400, 300];
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const position = Math.floor(index / 3);
    return ((position % width) / width) * 120 + (position / width / height) * 120;
  });
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer();
}

/** A well-formed PNG of 30,000 x 30,000 pixels in a few hundred kilobytes. */
export function hugePng(): Buffer {
  const side = 30_000;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, 0], 8); // 1 bit, grey: 3,751 bytes a row with its filter byte
  const rows = deflateSync(Buffer.alloc((1 + Math.ceil(side / 8)) * side));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** CRC-32 of the PNG specification (Annex D); Node 20.19 has no `zlib.crc32`. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
