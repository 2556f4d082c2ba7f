import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Failure } from '../../core/failure.js';
import { SharpImageDecoder } from '../../inference/decode/sharp-image-decoder.js';
import { encodePng } from '../../inference/decode/sharp-image-encoder.js';
import { degradeImage, type FindFace, pngNames } from './degraded-set.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-degraded-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const side = 60;
const face = {
  box: { x: 10, y: 10, width: 40, height: 40 },
  landmarks: {
    leftEye: { x: 22, y: 25 },
    rightEye: { x: 38, y: 25 },
    nose: { x: 30, y: 33 },
    leftMouthCorner: { x: 24, y: 41 },
    rightMouthCorner: { x: 36, y: 41 },
  },
  yawDegrees: 0,
};
const findFace: FindFace = () => Promise.resolve(face);
const decoder = new SharpImageDecoder();

async function write(name: string, content?: Uint8Array) {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, index) => (index * 7) % 251);
  await writeFile(path, content ?? (await encodePng({ width: side, height: side, pixels })));
  return { name, identity: name.split('/')[0]!, path };
}

const named = (name: string) => ({ name, identity: 'a', path: name });

it('writes the same bytes whatever else was degraded before', async () => {
  const [one, two] = [await write('a/1.png'), await write('a/2.png')];
  const shift = { shift: 'low-light', seed: 3 } as const;
  const bytes = async (images: (typeof one)[], out: string) => {
    for (const image of images) {
      const path = join(folder, out, image.name);
      expect(await degradeImage(image, path, shift, { decoder, findFace })).toBe('written');
    }
    return readFile(join(folder, out, 'a/1.png'));
  };
  const alone = await bytes([one], 'x');
  expect(await bytes([two, one], 'y')).toEqual(alone);
  // The same pixels under another name are other noise.
  expect(await readFile(join(folder, 'y/a/2.png'))).not.toEqual(alone);
  const decoded = await decoder.decode(alone);
  expect([decoded.width, decoded.height]).toEqual([side, side]);
});

it('leaves out what shows no face where one is needed, and only there', async () => {
  const image = await write('a/1.png');
  const out = join(folder, 'out/1.png');
  const parts = { decoder, findFace: () => Promise.resolve(undefined) };
  expect(await degradeImage(image, out, { shift: 'masks', seed: 1 }, parts)).toBe('no-face');
  await expect(readFile(out)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await degradeImage(image, out, { shift: 'near-infrared', seed: 1 }, parts)).toBe('written');
});

it('leaves out what cannot be decoded, and fails by what is not of the image', async () => {
  const broken = await write('a/1.png', Buffer.from('no image'));
  const out = join(folder, 'out/1.png');
  const parts = { decoder, findFace };
  expect(await degradeImage(broken, out, { shift: 'camera', seed: 1 }, parts)).toBe('unreadable');
  const lost = () => Promise.reject(new Failure('WORKER_LOST', 'lost'));
  const whole = await write('a/2.png');
  await expect(
    degradeImage(whole, out, { shift: 'camera', seed: 1 }, { decoder, findFace: lost }),
  ).rejects.toMatchObject({ reason: 'WORKER_LOST' });
});

it('names files as the images are named, with no two alike', () => {
  expect(pngNames(['a/1.jpg', 'a/2.jpeg', 'a/2.png', 'a.b/c', 'b/.x/3.bmp'].map(named))).toEqual([
    'a/1.png',
    'a/2.jpeg.png',
    'a/2.png.png',
    'a.b/c.png',
    'b/.x/3.png',
  ]);
});
