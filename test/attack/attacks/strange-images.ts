import sharp from 'sharp';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { residentMebibytes } from '../../support/process-measures.js';
import {
  compressedChunk,
  exifWith,
  gifOfManyFrames,
  hostileDrawings,
  jpegOfManyScans,
  jpegWith,
  pngWith,
  tiffOfManyPages,
} from '../../support/strange-images.js';
import { type Attack, type Scene, hold } from '../attack.js';

const refused = /^IMAGE_(?:UNREADABLE|FORMAT_UNSUPPORTED|TOO_LARGE|EMPTY|TOO_COMPLEX)$/u;
const told = /^(?:\d+ faces|IMAGE_\w+)$/u;
const found = /^[1-9]\d* faces$/u;
const answeredWithinMs = 12_000;
const grownMebibytes = 600;

export default {
  title:
    'drawings that read files, 10,000 frames and pages, thousands of scans, compressed profiles, odd turns, two files in one',
  isShort: true,
  limitSeconds: 120,
  bystander: { slowestMs: 15_000 },
  run: async (scene) => {
    const { target, photographs } = scene;
    const { faceVerification } = target.client(target.keys.rival, 30_000);
    const before = residentMebibytes(target.server.process.pid ?? 0);
    const seen: string[] = [];
    for (const [what, [content, allowed]] of Object.entries(await strangeImages(scene))) {
      const beginMs = performance.now();
      const said = await faceVerification
        .detectFaces({ image: { content } })
        .then(({ faces }) => `${faces.length} faces`, reasonOf);
      const ms = Math.round(performance.now() - beginMs);
      hold(allowed.test(said), `${what}, ${content.length} bytes, is answered: ${said}`);
      hold(ms < answeredWithinMs, `${what}, ${content.length} bytes, is answered after ${ms} ms: ${said}`);
      seen.push(`${what} ${said} ${ms} ms`);
    }
    const { faces } = await faceVerification.detectFaces({ image: { content: photographs.person } });
    hold(faces.length === 1, 'the service finds no face any more');
    const grown = residentMebibytes(target.server.process.pid ?? 0) - before;
    hold(grown < grownMebibytes, `it keeps ${Math.round(grown)} MiB of them`);
    return seen.join('; ');
  },
} satisfies Attack;

type Images = Readonly<Record<string, readonly [Buffer, RegExp]>>;

async function strangeImages({ photographs: { person }, isShort }: Scene): Promise<Images> {
  const png = await sharp(person).resize(400).png().toBuffer();
  const drawings = Object.entries(hostileDrawings()).map(
    ([what, bytes]) => [what, [bytes, refused]] as const,
  );
  return {
    ...Object.fromEntries(drawings),
    'no bytes': [Buffer.alloc(0), /^(?:IMAGE_EMPTY|INVALID_ARGUMENT)$/u],
    '10,000 frames': [gifOfManyFrames(10_000), told],
    '10,000 pages': [tiffOfManyPages(10_000), told],
    'pages in a circle': [tiffOfManyPages(3, true), told],
    'a gigabyte of text': [pngWith(png, compressedChunk('zTXt', 1 << 30)), told],
    'a gigabyte of profile': [pngWith(png, compressedChunk('iCCP', 1 << 30)), told],
    '2,000 texts of 7 MB': [pngWith(png, ...repeated(2_000, compressedChunk('zTXt', 7_000_000))), told],
    'a profile of 16 MB': [jpegWith(person, 0xe2, ...profileOf(255)), told],
    '500 EXIF directories': [jpegWith(person, 0xe1, ...repeated(500, exifWith(3))), told],
    'a turn by 0': [jpegWith(person, 0xe1, exifWith(0)), found],
    'a turn by 65,535': [jpegWith(person, 0xe1, exifWith(65_535)), found],
    'EXIF in a circle': [jpegWith(person, 0xe1, exifWith(1, true)), found],
    'a photograph and a page': [Buffer.concat([person, Buffer.from('<script>alert(1)</script>')]), found],
    'a photograph and an archive': [
      Buffer.concat([person, Buffer.from('PK\x03\x04'), Buffer.alloc(99)]),
      found,
    ],
    ...(await ofOtherDepths(person)),
    [`${isShort ? 300 : 3_000} scans`]: [
      await jpegOfManyScans(isShort ? 4_000 : 10_900, isShort ? 300 : 3_000),
      told,
    ],
  };
}

function repeated<T>(times: number, one: T): readonly T[] {
  return Array.from({ length: times }, () => one);
}

/** What colours and depths there are. */
async function ofOtherDepths(person: Buffer): Promise<Images> {
  const image = sharp(person).resize(500);
  return {
    CMYK: [await image.clone().toColourspace('cmyk').jpeg().toBuffer(), found],
    '16 bits': [await image.clone().toColourspace('rgb16').png().toBuffer(), found],
    '1 bit': [await image.clone().threshold(128).png({ colours: 2 }).toBuffer(), told],
    grey: [await image.clone().grayscale().jpeg().toBuffer(), found],
    floats: [await image.clone().toColourspace('scrgb').tiff().toBuffer(), told],
    Lab: [await image.clone().toColourspace('lab').tiff().toBuffer(), told],
    '1 x 1': [await sharp(person).resize(1, 1).png().toBuffer(), told],
    transparent: [await image.clone().ensureAlpha(0).png().toBuffer(), told],
    'all of it in AVIF': [await image.clone().avif({ bitdepth: 8 }).toBuffer(), found],
    'WebP of 100 frames': [
      await sharp(Buffer.alloc(64 * 6_400 * 3, 7), {
        raw: { width: 64, height: 6_400, channels: 3, pageHeight: 64 },
      })
        .webp({ loop: 0 })
        .toBuffer(),
      told,
    ],
  };
}

/** An ICC profile that says it comes in so many parts, without sense. */
function profileOf(parts: number): readonly Buffer[] {
  return Array.from({ length: parts }, (_, part) =>
    Buffer.concat([Buffer.from('ICC_PROFILE\0'), Buffer.of(part + 1, parts), Buffer.alloc(65_000, part)]),
  );
}

function reasonOf(error: unknown): string {
  return error instanceof RemoteFailure
    ? (error.reason ?? `${error.codeName}: ${error.message}`)
    : String(error);
}
