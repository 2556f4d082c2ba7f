import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDataLoader } from '../../src/training/data/open-data-loader.js';
import type { TimedTrainingBatch, DataLoader } from '../../src/training/data/data-loader.js';
import type { DataLoaderConfig } from '../../src/training/data/data-loader-options.js';
import { Failure } from '../../src/core/failure.js';
import { alignCrop, landmarksInCrop } from '../../src/core/faces/aligned-crop.js';
import { arcFaceColumns, arcFaceTemplate, dlibTemplate } from '../../src/core/faces/alignment-template.js';
import { splitHalves } from '../../src/core/faces/split-halves.js';
import { centralColumns } from '../../src/core/images/central-columns.js';
import { mirror } from '../../src/core/images/mirror.js';
import type { RgbImage } from '../../src/core/images/rgb-image.js';
import { EpochSampler } from '../../src/learning/sampler/epoch-sampler.js';
import { writeInsightFaceRecords } from '../support/record-io-writer.js';
import { pictureOf, type TaggedPicture, writePictures, writeTags } from '../support/training-images.js';

const threadEntryPoint = fileURLToPath(new URL('../../dist/training/data/batch-thread.js', import.meta.url));
const builtModule = new URL('../../dist/training/data/open-data-loader.js', import.meta.url);
const dyingThread = fileURLToPath(new URL('../support/dying-thread.mjs', import.meta.url));
const identityCount = 4;
const facesOfEach = 6;

/** Aligned crops: two of three symmetric, the nose of each elsewhere, one without a face. */
const crops: readonly TaggedPicture[] = Array.from({ length: identityCount * facesOfEach }, (_, index) => ({
  name: `person ${Math.floor(index / facesOfEach)}/${index % facesOfEach}.png`,
  picture: pictureOf(index),
  rho: index === 7 ? 0 : index % 3 === 0 ? 0.1 : 0.3 + index / 100,
  landmarks: { ...arcFaceTemplate.landmarks, nose: { x: 50.3 + index / 2, y: 71.7 } },
}));

let folder: string;
let encoded: Uint8Array[];
const opened: DataLoader[] = [];

async function open(config: Partial<DataLoaderConfig> = {}): Promise<DataLoader> {
  const data = await openDataLoader({
    location: { format: 'identity-folder', path: join(folder, 'crops') },
    imageKind: 'aligned-crop',
    batchSize: 10,
    splitFraction: 0.5,
    seed: 11,
    threads: 1,
    threadEntryPoint,
    ...config,
  });
  opened.push(data);
  return data;
}

async function all(data: DataLoader, epoch: number, fromBatch = 0): Promise<TimedTrainingBatch[]> {
  const batches: TimedTrainingBatch[] = [];
  for await (const batch of data.batches(epoch, fromBatch)) batches.push(batch);
  return batches;
}

/** What is compared of batches; comparing millions of numbers takes seconds. */
const untimed = (batches: readonly TimedTrainingBatch[]) =>
  batches.map(({ images, labels, sampleMask, rho }) => ({
    digest: createHash('sha256').update(new Uint8Array(images.buffer)).digest('hex'),
    labels,
    sampleMask,
    rho,
  }));

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const outcome: unknown = await work.catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(Failure);
  return outcome as Failure;
}

/** The bytes of one sample, from its numbers. */
function bytesOf(images: Float32Array, position: number, { width, height }: RgbImage): Uint8Array {
  const bytes = new Uint8Array(width * height * 3);
  const start = position * bytes.length;
  for (let index = 0; index < bytes.length; index++) bytes[index] = images[start + index]! * 128 + 127.5;
  return bytes;
}

/** Checks every sample of an epoch against the domain's own functions, by the plan. */
async function expectPlanned(
  data: DataLoader,
  faces: readonly { readonly image: RgbImage; readonly noseX: number; readonly rho: number }[],
  labels: readonly number[],
): Promise<void> {
  const planner = new EpochSampler(
    faces.map(({ rho }) => rho),
    { tau: 0.2, splitFraction: 0.5, batchSize: 10, flip: true, seed: 11 },
  );
  const plan = planner.plan(0);
  const batches = await all(data, 0);
  expect(batches).toHaveLength(plan.batchCount);
  for (const [index, batch] of batches.entries()) {
    const { samples, splitFaceCount } = plan.batch(index);
    for (const [position, { face, part, isFlipped, isPadding }] of samples.entries()) {
      const { image, noseX } = faces[face]!;
      const shown = isFlipped ? mirror(image) : image;
      const halves = splitHalves(shown, isFlipped ? image.width - 1 - noseX : noseX);
      const expected = part === 'full' ? shown : halves[part];
      expect(Buffer.compare(bytesOf(batch.images, position, image), expected.pixels)).toBe(0);
      expect(batch.labels[position]).toBe(labels[face]);
      expect(batch.sampleMask[position]).toBe(isPadding ? 0 : 1);
    }
    const rho = Array.from({ length: planner.layout.splitSlots }, (_, slot) =>
      slot < splitFaceCount ? Math.fround(faces[samples[slot]!.face]!.rho) : 0,
    );
    expect([...batch.rho]).toEqual(rho);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-training-data-'));
  encoded = await writePictures(join(folder, 'crops'), crops);
  await writeTags(join(folder, 'crops', 'tags.jsonl'), 'identity-folder', crops, encoded);
});

afterEach(async () => {
  for (const data of opened.splice(0)) await data.close();
});

afterAll(() => rm(folder, { recursive: true }));

const labelsOfAll = crops.map((_, index) => Math.floor(index / facesOfEach));

describe('training data of aligned crops', () => {
  it('says what there is', async () => {
    const data = await open();
    expect(data.identities).toEqual(['person 0', 'person 1', 'person 2', 'person 3']);
    expect(data).toMatchObject({ classCount: 4, faceCount: 24, symmetricCount: 15, batchesPerEpoch: 4 });
    // 15 symmetric faces, half of them split: 8.
    expect(data.layout).toMatchObject({ splitFaceCount: 8, sampleCount: 32 });
    expect(data.shape).toEqual({ batchSize: 10, splitSlots: 3, imageHeight: 112, imageWidth: 112 });
  });

  it('are the pictures, split and flipped as planned', async () => {
    const faces = crops.map(({ picture, landmarks, rho }) => ({
      image: picture,
      noseX: landmarks.nose.x,
      rho,
    }));
    await expectPlanned(await open(), faces, labelsOfAll);
  });

  it('are each once and whole where they are measured, and the batches as if they had not been', async () => {
    const data = await open();
    const labels: number[] = [];
    for await (const batch of data.wholeFaces(10)) {
      for (const [position, label] of batch.labels.entries()) {
        const { picture } = crops[labels.length]!;
        expect(Buffer.compare(bytesOf(batch.images, position, picture), picture.pixels)).toBe(0);
        labels.push(label);
      }
    }
    expect(labels).toEqual(labelsOfAll);
    expect(untimed(await all(data, 0))).toEqual(untimed(await all(await open(), 0)));
  });

  it('are the middle 96 columns for a narrower network, split at the same column of the face', async () => {
    const faces = crops.map(({ picture, landmarks, rho }) => ({
      image: centralColumns(picture, 96),
      noseX: landmarks.nose.x - 8,
      rho,
    }));
    await expectPlanned(await open({ alignment: arcFaceColumns(96) }), faces, labelsOfAll);
  });

  it('normalise bytes as the paper: (x - 127.5) / 128', async () => {
    const [batch] = await all(await open(), 0);
    const values = new Set(batch!.images);
    expect(values.has(Math.fround(-127.5 / 128))).toBe(true);
    expect(Math.max(...values)).toBe(Math.fround(127.5 / 128));
    expect(values.size).toBeLessThanOrEqual(256);
  });

  it('are the same however many threads make them, and in whatever order they are asked for', async () => {
    const [one, two] = [await open({ batchesAhead: 1 }), await open({ threads: 2, cacheBytes: 0 })];
    const epochs = [await all(one, 0), await all(one, 1)];
    expect(untimed(await all(two, 1, 2))).toEqual(untimed(epochs[1]!.slice(2)));
    expect(untimed(await all(two, 0))).toEqual(untimed(epochs[0]!));
    expect(untimed(epochs[0]!)[0]!.digest).not.toBe(untimed(epochs[1]!)[0]!.digest);
    expect(await all(two, 0, 4)).toEqual([]);
  });

  it('are changed at random where that is asked for: otherwise in each epoch, the same again where a run goes on', async () => {
    const augmentation = { crop: 0.5, lowResolution: 0.5, photometric: 0.5 };
    const [plain, changed, again] = await Promise.all([
      open(),
      open({ augmentation, threads: 2 }),
      open({ augmentation }),
    ]);
    const [first, second] = [untimed(await all(changed, 0)), untimed(await all(changed, 1))];
    expect(untimed(await all(again, 1, 1))).toEqual(second.slice(1));
    expect(untimed(await all(again, 0))).toEqual(first);
    // The same faces in the same places.
    const undisturbed = untimed(await all(plain, 0));
    expect(first.map(({ labels }) => labels)).toEqual(undisturbed.map(({ labels }) => labels));
    for (const [index, { digest }] of first.entries()) expect(digest).not.toBe(undisturbed[index]!.digest);
    // The head's class means are of faces as they are.
    const whole = async (data: DataLoader) => {
      const digests: string[] = [];
      for await (const { images } of data.wholeFaces(8))
        digests.push(createHash('sha256').update(new Uint8Array(images.buffer)).digest('hex'));
      return digests;
    };
    expect(await whole(changed)).toEqual(await whole(plain));
  });

  it('look as others of the data do where that is asked for, the same however many threads make them', async () => {
    const augmentation = { crop: 0, lowResolution: 0, photometric: 0, site: 1 };
    const [plain, changed, again] = await Promise.all([
      open(),
      open({ augmentation, threads: 2 }),
      open({ augmentation }),
    ]);
    const first = untimed(await all(changed, 0));
    expect(untimed(await all(again, 0))).toEqual(first);
    for (const [index, { digest }] of untimed(await all(plain, 0)).entries())
      expect(digest).not.toBe(first[index]!.digest);
    expect(untimed(await all(changed, 1, 2))).toEqual(untimed(await all(again, 1, 2)));
  });

  it('are read once where memory allows, and each time where not', async () => {
    const copy = join(folder, 'once');
    await writePictures(copy, crops);
    const location = { format: 'identity-folder', path: copy } as const;
    const cached = await open({ location });
    const some = await open({ location, cacheBytes: 10 * 112 * 112 * 3 });
    const before = [await all(cached, 0), await all(some, 0)];
    await rm(join(copy, 'person 3/5.png'));
    // Not the next epoch: it is being made already.
    expect(await all(cached, 5)).toHaveLength(before[0]!.length);
    expect(await failureOf(all(some, 5))).toMatchObject({
      reason: 'DATASET_INVALID',
      message: 'person 3/5.png: cannot be read.',
    });
  });

  it('hold identities out', async () => {
    const data = await open({ identities: { holdOut: ['person 1'], exclude: ['person 0'] } });
    expect(data.identities).toEqual(['person 2', 'person 3']);
    expect(data.heldOutIdentities).toEqual(['person 1']);
    const rest = crops.slice(2 * facesOfEach);
    const faces = rest.map(({ picture, landmarks, rho }) => ({
      image: picture,
      noseX: landmarks.nose.x,
      rho,
    }));
    await expectPlanned(data, faces, labelsOfAll.slice(0, rest.length));
    const failure = await failureOf(open({ identities: { exclude: ['person 9'] } }));
    expect(failure).toMatchObject({ reason: 'INVALID_ARGUMENT' });
    expect(failure.message).toContain('exclude names an identity that is not there: person 9');
  });

  it('are never split without tags', async () => {
    const copy = join(folder, 'untagged');
    await writePictures(copy, crops);
    const data = await open({ location: { format: 'identity-folder', path: copy } });
    expect(data.shape.splitSlots).toBe(0);
    expect(data.counts).toEqual({ faces: 24, faceless: 0, unreadable: 0, untagged: 24 });
    expect(await all(data, 0)).toHaveLength(3);
  });

  it('are refused where they have another size', async () => {
    const copy = join(folder, 'sizes');
    await writePictures(copy, [...crops.slice(0, 3), { ...crops[3]!, picture: pictureOf(1, 96, 112) }]);
    const location = { format: 'identity-folder', path: copy } as const;
    const failure = await failureOf(all(await open({ location }), 0));
    expect(failure.message).toBe(
      'person 0/3.png: is a crop of 96x112 pixels (width x height); 112x112 is expected.',
    );
    expect(await all(await open({ location, alignment: arcFaceColumns(96) }), 0)).toHaveLength(1);
  });
});

describe('training data of photographs', () => {
  const points = arcFaceTemplate.landmarks;
  const moved = ({ x, y }: { x: number; y: number }) => ({
    x: 30 + 1.4 * x - 0.2 * y,
    y: 12 + 0.2 * x + 1.4 * y,
  });
  const landmarks = {
    leftEye: moved(points.leftEye),
    rightEye: moved(points.rightEye),
    nose: moved({ x: points.nose.x + 1, y: points.nose.y }),
    leftMouthCorner: moved(points.leftMouthCorner),
    rightMouthCorner: moved(points.rightMouthCorner),
  };
  const photographs = crops.map((crop, index) => ({
    ...crop,
    picture: pictureOf(index, 230, 210),
    landmarks,
  }));

  it.each([112, 96])(
    'are aligned by their landmarks (%d columns); those without a face are left out',
    async (width) => {
      const path = join(folder, `photographs ${width}`);
      const bytes = await writePictures(path, photographs);
      await writeTags(join(path, 'tags.jsonl'), 'identity-folder', photographs, bytes);
      const data = await open({
        location: { format: 'identity-folder', path },
        imageKind: 'photograph',
        alignment: arcFaceColumns(width),
      });
      expect(data.counts).toEqual({ faces: 23, faceless: 1, unreadable: 0, untagged: 0 });
      // Landmarks are kept in single precision.
      const single = ({ x, y }: { x: number; y: number }) => ({ x: Math.fround(x), y: Math.fround(y) });
      const kept = {
        leftEye: single(landmarks.leftEye),
        rightEye: single(landmarks.rightEye),
        nose: single(landmarks.nose),
        leftMouthCorner: single(landmarks.leftMouthCorner),
        rightMouthCorner: single(landmarks.rightMouthCorner),
      };
      const faces = photographs
        .filter(({ rho }) => rho > 0)
        .map(({ picture, rho }) => ({
          image: centralColumns(alignCrop(picture, kept, arcFaceTemplate), width),
          noseX: landmarksInCrop(kept, arcFaceTemplate).nose.x - (112 - width) / 2,
          rho,
        }));
      await expectPlanned(
        data,
        faces,
        labelsOfAll.filter((_, index) => index !== 7),
      );
    },
  );

  it('need tags, of these very images', async () => {
    const path = join(folder, 'photographs without tags');
    const bytes = await writePictures(path, photographs);
    const config = { location: { format: 'identity-folder', path }, imageKind: 'photograph' } as const;
    expect((await failureOf(open(config))).message).toContain('tags.jsonl: is not there');
    const tags = join(path, 'tags.jsonl');
    await writeTags(tags, 'identity-folder', photographs.slice(0, 20), bytes);
    expect((await failureOf(open(config))).message).toContain('person 3/2.png: has no tag');
    await writeTags(tags, 'identity-list', photographs, bytes);
    expect((await failureOf(open(config))).message).toContain(
      'has the tags of a data set of the format identity-list',
    );
    await writeTags(tags, 'identity-folder', photographs, [...bytes].reverse());
    const failure = await failureOf(all(await open(config), 0));
    expect(failure.message).toMatch(/^person \d\/\d.png: was changed since it was tagged/u);
    await writeFile(tags, '{"not": "tags"}\n');
    expect((await failureOf(open(config))).message).toContain('tags.jsonl: holds no tags');
  });
});

describe('training data in other layouts', () => {
  it('gives the same batches from RecordIO', async () => {
    const path = join(folder, 'train.rec');
    const byIdentity = Array.from({ length: identityCount }, (_, label) =>
      encoded.slice(label * facesOfEach, (label + 1) * facesOfEach),
    );
    await writeInsightFaceRecords(path, byIdentity);
    const names = crops.map((_, index) => `record ${index + 1}`);
    await writeTags(`${path}.tags.jsonl`, 'insightface-records', crops, encoded, names);
    const records = await open({ location: { format: 'insightface-records', path } });
    expect(records.identities).toEqual(['0', '1', '2', '3']);
    expect(untimed(await all(records, 0))).toEqual(untimed(await all(await open(), 0)));
  });

  it('gives the same faces from a list, whatever its order', async () => {
    const path = join(folder, 'identities.tsv');
    const rows = crops.map(({ name }) => `${name}\t${name.split('/')[0]}\n`).reverse();
    await writeFile(path, `file\tidentity\n${rows.join('')}`);
    const tagsPath = join(folder, 'list.jsonl');
    await writeTags(tagsPath, 'identity-list', crops, encoded);
    const imageFolder = join(folder, 'crops');
    const list = await open({ location: { format: 'identity-list', path, imageFolder }, tagsPath });
    expect(list).toMatchObject({ classCount: 4, faceCount: 24, symmetricCount: 15 });
    const faces = [...crops]
      .reverse()
      .map(({ picture, landmarks, rho }) => ({ image: picture, noseX: landmarks.nose.x, rho }));
    await expectPlanned(list, faces, [...labelsOfAll].reverse());
  });

  it('names a record that cannot be used', async () => {
    const path = join(folder, 'broken.rec');
    await writeInsightFaceRecords(path, [
      [encoded[0]!, encoded[1]!.subarray(0, 300)],
      [encoded[2]!, encoded[3]!],
    ]);
    const failure = await failureOf(
      all(await open({ location: { format: 'insightface-records', path } }), 0),
    );
    expect(failure.reason).toBe('DATASET_INVALID');
    expect(failure.message).toMatch(
      /^broken.rec, entry 2, offset \d+: cannot be trained on \(IMAGE_UNREADABLE\)/u,
    );
  });

  it('names a record whose label is not its neighbours’', async () => {
    const path = join(folder, 'mislabelled.rec');
    await writeInsightFaceRecords(path, [
      [encoded[0]!, encoded[1]!],
      [encoded[2]!, encoded[3]!],
    ]);
    const bytes = await readFile(path);
    const lines = (await readFile(join(folder, 'mislabelled.idx'), 'utf8')).split('\n');
    bytes.writeFloatLE(1, Number(lines[2]?.split('\t')[1]) + 8 + 4);
    await writeFile(path, bytes);
    const failure = await failureOf(
      all(await open({ location: { format: 'insightface-records', path } }), 0),
    );
    expect(failure.message).toMatch(
      /^mislabelled.rec, entry 2, offset \d+: has the label 1 among faces of the label 0/u,
    );
  });
});

describe('training data that fails', () => {
  it('names a corrupt image, ends its threads and stays ended', async () => {
    const path = join(folder, 'corrupt');
    const bytes = await writePictures(path, crops);
    await writeFile(join(path, 'person 2/4.png'), bytes[16]!.subarray(0, 400));
    const data = await open({ location: { format: 'identity-folder', path }, threads: 2 });
    const failure = await failureOf(all(data, 0));
    expect(failure).toMatchObject({ reason: 'DATASET_INVALID', metadata: { file: 'person 2/4.png' } });
    expect(failure.message).toMatch(/^person 2\/4.png: cannot be trained on \(IMAGE_UNREADABLE\)/u);
    expect(await failureOf(all(data, 1))).toMatchObject({ reason: 'SHUTTING_DOWN' });
  });

  it('leaves an image without a tag out where it is told to, and says so', async () => {
    const path = join(folder, 'one corrupt');
    const bytes = await writePictures(path, crops);
    await writeFile(join(path, 'person 2/4.png'), bytes[16]!.subarray(0, 400));
    await writeFile(join(path, 'person 2/._4.png'), 'a resource fork');
    const data = await open({ location: { format: 'identity-folder', path }, skipUnreadable: true });
    expect(data.counts).toEqual({ faces: 23, faceless: 0, unreadable: 1, untagged: 23 });
    expect(await all(data, 0)).toHaveLength(data.batchesPerEpoch);
    expect(data.remarks).toEqual([
      '23 of 24 images: left out are 1 that could not be read',
      expect.stringMatching(/^identity-folder: 1 file passed over: 1 hidden.*\(\._4\.png\)$/u),
    ]);
  });

  it('does not train on an image that could not be read when it was tagged', async () => {
    const path = join(folder, 'unreadable');
    await writePictures(path, crops);
    const line = JSON.stringify({
      image: 'person 2/4.png',
      sha256: 'a'.repeat(64),
      face: null,
      reason: 'IMAGE_UNREADABLE',
    });
    const tagsPath = join(folder, 'unreadable.jsonl');
    await writeTags(tagsPath, 'identity-folder', crops, encoded);
    await writeFile(tagsPath, `${await readFile(tagsPath, 'utf8')}${line}\n`);
    const failure = await failureOf(open({ location: { format: 'identity-folder', path }, tagsPath }));
    expect(failure.message).toBe(
      'person 2/4.png: could not be read when it was tagged (IMAGE_UNREADABLE); data.skipUnreadable leaves such images out.',
    );
    const data = await open({
      location: { format: 'identity-folder', path },
      tagsPath,
      skipUnreadable: true,
    });
    expect(data.counts).toMatchObject({ faces: 23, unreadable: 1 });
    expect(data.remarks).toContain('23 of 24 images: left out are 1 that could not be read');
  });

  it('lets a process wait for its batches and its end, and end without closing it', async () => {
    const script = (end: string) => `
      import { openDataLoader } from ${JSON.stringify(builtModule.href)};
      const location = { format: 'identity-folder', path: ${JSON.stringify(join(folder, 'crops'))} };
      const data = await openDataLoader({ location, imageKind: 'aligned-crop', batchSize: 10, threads: 1 });
      for await (const batch of data.batches(0)) console.log(batch.labels.length);
      // Blocks as a training step does: what was made ahead is told of when the threads are ended already.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      ${end}
      console.log('end');`;
    for (const end of ['await data.close();', '']) {
      const file = join(folder, 'run.mjs');
      await writeFile(file, script(end));
      const run = spawnSync(process.execPath, [file], { encoding: 'utf8' });
      expect(run.stderr).toBe('');
      expect(run).toMatchObject({ status: 0, stdout: '10\n10\n10\nend\n' });
    }
  });

  it('says so where a thread dies', async () => {
    const data = await open({ threadEntryPoint: dyingThread });
    expect(await failureOf(all(data, 0))).toMatchObject({ reason: 'WORKER_LOST' });
  });

  it('ends with the signal, and goes on elsewhere afterwards', async () => {
    const data = await open();
    const ending = new AbortController();
    const taken: unknown[] = [];
    const run = async (): Promise<void> => {
      for await (const batch of data.batches(0, 0, ending.signal)) {
        taken.push(batch);
        ending.abort(new Error('enough'));
      }
    };
    await expect(run()).rejects.toThrow('enough');
    expect(taken).toHaveLength(1);
    expect(untimed(await all(data, 0, 1))).toEqual(untimed(await all(await open(), 0, 1)));
  });

  it('of aligned crops are refused where the network takes faces aligned otherwise', async () => {
    const failure = await failureOf(all(await open({ alignment: dlibTemplate }), 0));
    expect(failure).toMatchObject({ reason: 'DATASET_INVALID' });
    expect(failure.message).toContain('the network takes faces aligned to dlib-150');
  });

  it.each([
    [{ batchSize: 11 }, /must be even/u],
    [{ threads: 0 }, /threads must be 1 or more/u],
    [{ batchesAhead: 0 }, /batchesAhead must be 1 or more/u],
    [{ splitFraction: 2 }, /splitFraction/u],
  ])('refuses %j', async (config, message) => {
    const failure = await failureOf(open(config));
    expect(failure).toMatchObject({ reason: 'INVALID_ARGUMENT' });
    expect(failure.message).toMatch(message);
  });
});
