import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneKey, SecretBox } from '../../src/storage/encryption/secret-box.js';
import { readSafetensors } from '../../src/storage/weights/safetensors.js';
import { buildTeacher, type Teacher } from '../../src/training/configuration/build-teacher.js';
import {
  type TeacherDependencies,
  teacherTargets,
} from '../../src/training/distillation/teacher-embeddings.js';
import { parseTrainingConfiguration } from '../../src/training/configuration/training-configuration.js';
import { openDataLoader } from '../../src/training/data/open-data-loader.js';
import type { DataLoader } from '../../src/training/data/data-loader.js';
import type { DataLoaderConfig } from '../../src/training/data/data-loader-options.js';
import { alignCrop } from '../../src/core/faces/aligned-crop.js';
import { dlibTemplate } from '../../src/core/faces/alignment-template.js';
import { cosineSimilarity } from '../../src/core/verification/similarity.js';
import { centred } from '../../src/learning/step/teacher-targets.js';
import { embeddingsOf } from '../support/pixel-embeddings.js';
import { pictureOf, type TaggedPicture, writeTaggedFaces } from '../support/training-images.js';

const threadEntryPoint = fileURLToPath(new URL('../../dist/training/data/batch-thread.js', import.meta.url));
const never = new AbortController().signal;

/** A face near the middle of 200x180 pixels, elsewhere in each. */
const photographs: readonly TaggedPicture[] = Array.from({ length: 5 }, (_, index) => ({
  name: `person-${index % 2}/${index}.png`,
  picture: pictureOf(index, 200, 180),
  rho: 0.6,
  landmarks: {
    leftEye: { x: 70 + index, y: 60 },
    rightEye: { x: 120 + index, y: 64 },
    nose: { x: 95, y: 90 },
    leftMouthCorner: { x: 76, y: 116 },
    rightMouthCorner: { x: 114, y: 118 },
  },
}));
/** In the order of the data. */
const ordered = [...photographs].sort((a, b) => (a.name < b.name ? -1 : 1));

const configuration = parseTrainingConfiguration(
  `
name: test
data: { format: identity-folder, path: faces, kind: photograph }
backbone: { design: mobilefacenet }
distillation: { teacher: { pretrained: dlib-resnet } }
epochs: 1
batchSize: 4
learningRate: { initial: 0.1 }
`,
  'a.yaml',
);

describe("a teacher's embeddings of training faces", () => {
  let folder: string;
  let teacher: Teacher;
  let data: DataLoader;
  let dataConfig: DataLoaderConfig;

  const partsIn = (name: string, box?: SecretBox, told: string[] = []): TeacherDependencies => ({
    teacher,
    dataConfig,
    data,
    folder: join(folder, name),
    box,
    threads: 1,
    onProgress: (embedded, faceCount) => told.push(`${embedded}/${faceCount}`),
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-teacher-'));
    await writeTaggedFaces(join(folder, 'faces'), photographs);
    teacher = (await buildTeacher(
      { configuration, pathOf: (named) => named },
      { name: 'student', embeddingSize: 128 },
    ))!;
    dataConfig = {
      location: { format: 'identity-folder', path: join(folder, 'faces') },
      imageKind: 'photograph',
      batchSize: 4,
      threads: 1,
      threadEntryPoint,
    };
    data = await openDataLoader(dataConfig);
  });

  afterAll(async () => {
    await data.close();
    await rm(folder, { recursive: true });
  });

  it('are of the faces aligned to its own template, in the order of the data', async () => {
    const told: string[] = [];
    const targets = await teacherTargets(partsIn('plain', undefined, told), false, never);
    expect(told).toEqual(['0/5', '5/5']);
    const crops = ordered.map(({ picture, landmarks }) => alignCrop(picture, landmarks, dlibTemplate));
    const expected = await embeddingsOf(teacher.graph, teacher.manifest, crops);
    for (const [face, embedding] of expected.entries()) {
      const target = targets!.embeddings.subarray(face * 128, (face + 1) * 128);
      expect(Math.hypot(...target)).toBeCloseTo(1, 5);
      expect(cosineSimilarity(target, embedding)).toBeGreaterThan(0.9999);
    }
  });

  it('are those that are kept, centred where that is asked for', async () => {
    const told: string[] = [];
    const plain = await teacherTargets(partsIn('plain', undefined, told), false, never);
    expect(await teacherTargets(partsIn('plain', undefined, told), true, never)).toEqual(centred(plain!));
    expect(told).toEqual([]);
  });

  it('are sealed where there is a key', async () => {
    const box = new SecretBox(oneKey(new Uint8Array(32).fill(5)));
    const first = await teacherTargets(partsIn('sealed', box), false, never);
    const [file] = await readdir(join(folder, 'sealed'));
    const bytes = await readFile(join(folder, 'sealed', file!));
    expect(() => readSafetensors(bytes)).toThrow();
    const told: string[] = [];
    expect(await teacherTargets(partsIn('sealed', box, told), false, never)).toEqual(first);
    expect(told).toEqual([]);
  });

  it('are none where a signal came before', async () => {
    expect(await teacherTargets(partsIn('stopped'), true, AbortSignal.abort())).toBeUndefined();
    await expect(readdir(join(folder, 'stopped'))).rejects.toThrow('ENOENT');
  });
});
