import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dotCentre, markedPhotographs } from '../../../../test/support/marked-photographs.js';
import { landmarkPoints } from '../../../core/faces/landmarks.js';
import { encodePng } from '../../../inference/decode/sharp-image-encoder.js';
import { detectorDataSchema } from './detector-data-configuration.js';
import { DetectorSamples, openDetectorSamples } from './open-detector-samples.js';
import { splitOf } from './training-photographs.js';

const nothingDone = Object.fromEntries(
  [
    'occlusion',
    'mask',
    'sunglasses',
    'lowResolution',
    'blur',
    'photometric',
    'lowLight',
    'grey',
    'noise',
    'jpeg',
  ].map((name) => [name, 0]),
);
const settings = (more: object) =>
  detectorDataSchema.parse({ labels: 'l', photographs: [{ path: 'p' }], sidePixels: 224, ...more });
const noKinds = { mosaic: 0, portrait: 0, closeUp: 0, faceless: 0 };

// Of a mosaic's faces some have a small piece over the nose.
it.each([
  ['closeUp', 1],
  ['portrait', 1],
  ['mosaic', 0.9],
])('labels the landmarks of a %s where they are', async (kind, shareSeen) => {
  const source = new DetectorSamples(
    settings({ kinds: { ...noKinds, [kind]: 1 }, augmentation: nothingDone }),
    markedPhotographs(),
  );
  const distances: number[] = [];
  for (let index = 0; index < 60; index++) {
    const { image, faces } = await source.sample(4, index);
    for (const { box, landmarks, ignored } of faces) {
      // The dots of smaller faces are hardly a pixel.
      if (ignored || landmarks === undefined || box.width < 24) continue;
      const [, , nose] = landmarkPoints(landmarks);
      const reach = 0.12 * box.width;
      // A dot that is cut by the image's border has its centre elsewhere.
      if (Math.min(nose.x, nose.y, 224 - nose.x, 224 - nose.y) < reach) continue;
      const seen = dotCentre(image, 2, nose, reach + 3);
      distances.push(seen === undefined ? Infinity : Math.hypot(seen.x - nose.x, seen.y - nose.y));
    }
  }
  expect(distances.length).toBeGreaterThan(25);
  const near = distances.filter((distance) => distance < 1);
  expect(near.length / distances.length).toBeGreaterThanOrEqual(shareSeen);
});

it('makes the same sample of the same seed and index, in any order', async () => {
  const one = new DetectorSamples(settings({}), markedPhotographs());
  const other = new DetectorSamples(settings({}), markedPhotographs());
  const indices = Array.from({ length: 25 }, (_, index) => index);
  const samples = await Promise.all(indices.map((index) => one.sample(7, index)));
  for (const index of indices.toReversed()) expect(await other.sample(7, index)).toEqual(samples[index]);
  const distinct = new Set(samples.map(({ image }) => Buffer.from(image.pixels).toString('base64')));
  expect(distinct.size).toBe(indices.length);
  expect((await one.sample(8, 0)).image.pixels).not.toEqual(samples[0]!.image.pixels);
});

it('shows no face the right way up where it says that there is none', async () => {
  const source = new DetectorSamples(
    settings({ kinds: { ...noKinds, faceless: 1 }, augmentation: nothingDone }),
    markedPhotographs(),
  );
  for (let index = 0; index < 40; index++) expect((await source.sample(3, index)).faces).toEqual([]);
});

it('reads photographs as they are labelled, shrunk to what memory holds', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'symface-detector-data-'));
  try {
    const pixels = new Uint8Array(200 * 100 * 3).fill(90);
    for (const name of ['a.png', 'b.png'])
      await writeFile(join(folder, name), await encodePng({ width: 200, height: 100, pixels }));
    const labelled = { set: 'mine', width: 200, height: 100 };
    const face = { box: [60, 20, 50, 60], landmarks: null, probability: 0.9, agreed: true };
    const lines = ['a.png', 'b.png'].map((file) => JSON.stringify({ ...labelled, file, faces: [face] }));
    const labels = join(folder, 'labels.jsonl');
    await writeFile(labels, `${lines.join('\n')}\n`);
    const photographs = [{ path: folder, set: 'mine' }];
    const source = await openDetectorSamples(settings({ labels, photographs, memoryBytes: 60_000 }));
    expect((await source.sample(1, 1)).image).toMatchObject({ width: 224, height: 224 });
    await expect(
      openDetectorSamples(settings({ labels, photographs, memoryBytes: 20 })),
    ).rejects.toMatchObject({
      reason: 'TRAINING_DATA_INSUFFICIENT',
    });
    const heldOut = settings({ labels, photographs, split: 'validation' });
    await expect(openDetectorSamples(heldOut)).rejects.toMatchObject({
      reason: 'TRAINING_DATA_INSUFFICIENT',
    });
    await writeFile(labels, `${lines[0]!.replace('200', '201')}\n`);
    await expect(openDetectorSamples(settings({ labels, photographs }))).rejects.toMatchObject({
      reason: 'DATASET_INVALID',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('holds folders out by name or by share, whole', () => {
  const named = { validation: { folders: ['181', '200'] } };
  expect(splitOf('181/profile/01.jpg', named)).toBe('validation');
  expect(splitOf('180/profile/01.jpg', named)).toBe('train');
  expect(splitOf('180/a.jpg', { validation: undefined })).toBe('train');
  const share = { validation: { share: 0.1 } };
  const heldOut = Array.from({ length: 1000 }, (_, id) => id).filter(
    (id) => splitOf(`${id}/1.jpg`, share) === 'validation',
  );
  expect(heldOut.length).toBeGreaterThan(70);
  expect(heldOut.length).toBeLessThan(130);
  for (const id of heldOut) expect(splitOf(`${id}/other/2.jpg`, share)).toBe('validation');
});
