import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { oneKey, SecretBox } from '../../src/storage/encryption/secret-box.js';
import { sealCrop } from '../../src/storage/encryption/sealed-records.js';
import { encodePng } from '../../src/inference/decode/sharp-image-encoder.js';
import { encodeSnapshot } from '../../src/training/enrolled-faces/encode-snapshot.js';
import { openFaceSource } from '../../src/training/data/open-face-source.js';
import { openHeldOutFaces } from '../../src/training/data/held-out-faces.js';
import { openDataLoader } from '../../src/training/data/open-data-loader.js';
import type { TrainableFace } from '../../src/training/enrolled-faces/trainable-face.js';
import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';
import { pictureOf } from '../support/training-images.js';

const key = new Uint8Array(32).fill(5);
const box = new SecretBox(oneKey(key));
const threadEntryPoint = join(import.meta.dirname, '../../dist/training/data/batch-thread.js');

/** Four faces of each of three subjects. */
async function* someFaces(): AsyncGenerator<TrainableFace> {
  for (let index = 0; index < 12; index++) {
    const faceId = randomUUID();
    const crop = await encodePng(pictureOf(index, 140, 140));
    yield {
      faceId,
      identity: `subject-uid-${Math.floor(index / 4)}`,
      collection: 'collection-uid',
      rho: index % 2 === 0 ? 0.6 : 0.1,
      landmarks: arcFaceTemplate.landmarks,
      sealedCrop: sealCrop(box, faceId, crop),
    };
  }
}

describe('a snapshot of enrolled faces', () => {
  let folder: string;
  let path: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-snapshot-'));
    path = join(folder, 'faces');
    await writeFile(
      path,
      encodeSnapshot(someFaces(), ([, second = '']) => new Set([second])),
    );
  });

  afterAll(() => rm(folder, { recursive: true }));

  const options = (encryptionKey?: Uint8Array) => ({
    location: { format: 'enrolled-faces' as const, path },
    imageKind: 'photograph' as const,
    batchSize: 4,
    seed: 1,
    threads: 1,
    threadEntryPoint,
    ...(encryptionKey === undefined ? {} : { encryptionKey }),
  });

  it('becomes batches of those who are not held out, with ρ as it was recorded', async () => {
    const data = await openDataLoader(options(key));
    try {
      expect([data.classCount, data.faceCount, data.symmetricCount]).toEqual([2, 8, 4]);
      expect(data.heldOutIdentities).toEqual(['1']);
      for await (const { images, labels } of data.batches(0)) {
        expect(Math.max(...labels)).toBeLessThan(2);
        expect(new Set(images).size).toBeGreaterThan(50);
      }
    } finally {
      await data.close();
    }
  });

  it('has the faces that are held out, as they were sealed', async () => {
    const { faces } = await openHeldOutFaces(options(key), ['1']);
    expect(faces).toHaveLength(4);
    expect(await faces[0]?.read()).toEqual(await encodePng(pictureOf(4, 140, 140)));
    expect(faces[0]?.landmarks?.nose.x).toBeCloseTo(arcFaceTemplate.landmarks.nose.x, 4);
  });

  it('holds no image that can be read without the key, and no identity by name', async () => {
    const bytes = await readFile(path);
    for (const text of ['PNG', 'IHDR', 'subject-uid']) expect(bytes.includes(text)).toBe(false);
    await expect(
      openHeldOutFaces(options(), ['1']).then(({ faces }) => faces[0]?.read()),
    ).rejects.toMatchObject({ reason: 'INVALID_ARGUMENT' });
    const wrongKey = options(new Uint8Array(32));
    const reading = openHeldOutFaces(wrongKey, ['1']).then(({ faces }) => faces[0]?.read());
    await expect(reading).rejects.toMatchObject({ reason: 'DATASET_INVALID' });
  });

  it('refuses a batch with a crop that was changed, naming the face by its id only', async () => {
    const bytes = await readFile(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(`${path}-changed`, bytes);
    const data = await openDataLoader({
      ...options(key),
      location: { format: 'enrolled-faces', path: `${path}-changed` },
    });
    const taken = (async () => {
      for await (const batch of data.batches(0)) expect(batch.labels).toHaveLength(4);
    })();
    await expect(taken).rejects.toMatchObject({
      reason: 'DATASET_INVALID',
      message: expect.stringMatching(/^[0-9a-f-]{36}: the value was sealed with another key/u) as string,
    });
  });

  it.each([
    ['empty', (bytes: Buffer) => bytes.subarray(0, 0)],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['cut in the middle', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 50), bytes.subarray(90)])],
    [
      'damaged in its index',
      (bytes: Buffer) => {
        const damaged = Buffer.from(bytes);
        const place = damaged.length - 100;
        damaged[place] = (damaged[place] ?? 0) ^ 1;
        return damaged;
      },
    ],
  ])('is refused where it is %s', async (name, change) => {
    const other = `${path}-${name.replaceAll(' ', '-')}`;
    await writeFile(other, change(await readFile(path)));
    const opening = openFaceSource({ format: 'enrolled-faces', path: other });
    await expect(opening).rejects.toMatchObject({ reason: 'DATASET_INVALID' });
  });
});
