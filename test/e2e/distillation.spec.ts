import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StepEntry } from '../../src/training/runs/run-log.js';
import { readEmbeddingModel } from '../../src/training/export/embedding-model.js';
import { centralColumns } from '../../src/core/images/central-columns.js';
import { cosineSimilarity } from '../../src/core/verification/similarity.js';
import { embeddingsOf } from '../support/pixel-embeddings.js';
import { isFullSuite } from '../support/full-suite.js';
import { imageNetBackbone, imageNetNetwork } from '../support/small-networks.js';
import { runTraining, runTrainingProcess, trainedWeights } from '../support/training-command.js';
import { logEntries } from '../support/training-log.js';
import { picturesOfPersons, writeTaggedFaces } from '../support/training-images.js';

const pictures = picturesOfPersons(4, 6);
const faces = 'data: { format: identity-folder, path: faces, kind: aligned-crop }';

/** The teacher is of 112x112 pixels, the student of their middle 96 columns. */
const backbones = isFullSuite
  ? {
      teacher: '{ design: shufflefacenet-x0.5, embeddingSize: 16 }',
      student: '{ design: shufflefacenet-x0.5, embeddingSize: 16, input: 112x96 }',
    }
  : { teacher: imageNetBackbone(), student: imageNetBackbone('narrow.onnx') };

const teacher = `
name: teacher
${faces}
backbone: ${backbones.teacher}
loss: { name: arcface, scale: 16, marginRadians: 0.3 }
epochs: 3
batchSize: 12
learningRate: { initial: 0.05 }
`;

const student = `
name: student
${faces}
backbone: ${backbones.student}
distillation: { teacher: { model: teacher/model }, weight: 5, centre: false }
seed: 7
epochs: 16
batchSize: 8
checkpointEverySteps: 7
learningRate: { initial: 0.05, dropEpochs: [13], warmUpSteps: 5 }
`;

const embedded = 'faces for the teacher';

describe('symface train with a teacher', () => {
  let folder: string;

  const optionsOf = (run: string, more: readonly string[]): readonly string[] => [
    ...['--config', 'student.yaml', '--output', run],
    ...more,
  ];
  const train = async (run: string, more: readonly string[] = []) =>
    runTraining(folder, optionsOf(run, more));

  const stepsOf = async (run: string): Promise<readonly StepEntry[]> =>
    logEntries(await readFile(join(folder, run, 'log.jsonl'), 'utf8')).filter(
      ({ kind }) => kind === 'steps',
    ) as StepEntry[];

  /** Mean cosine of a student's embeddings with the teacher's, of all faces. */
  async function meanCosine(run: string): Promise<number> {
    const read = async (name: string) =>
      readEmbeddingModel({ model: join(folder, name, 'model'), manifest: undefined });
    const [taught, own] = [await read('teacher'), await read(run)];
    const images = pictures.map(({ picture }) => picture);
    const targets = await embeddingsOf(taught.graph, taught.manifest, images);
    const narrow = images.map((image) => centralColumns(image, 96));
    const embeddings = await embeddingsOf(own.graph, own.manifest, narrow);
    const cosines = embeddings.map((embedding, face) => cosineSimilarity(embedding, targets[face]!));
    return cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-distillation-'));
    await writeTaggedFaces(join(folder, 'faces'), pictures);
    await writeFile(join(folder, 'teacher.yaml'), teacher);
    await writeFile(join(folder, 'student.yaml'), student);
    await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
    await writeFile(join(folder, 'narrow.onnx'), imageNetNetwork(0.1, { width: 96, phase: 2 }));
    const { code, err } = await runTraining(folder, ['--config', 'teacher.yaml', '--output', 'teacher']);
    expect(code, err).toBe(0);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('learns the embeddings of the teacher without a face loss', async () => {
    const { code, err, out } = await train('whole');
    expect(code, err).toBe(0);
    expect(err).toContain(`embedding 24/24 ${embedded}`);
    expect(out).toContain('Trained: 48 steps.');
    const steps = await stepsOf('whole');
    expect(steps[0]!.distillationLoss).toBeGreaterThan(0.5);
    expect(steps.at(-1)!.distillationLoss).toBeLessThan(0.2);
    expect(steps.at(-1)).toMatchObject({ faceLoss: 0, symmetryLoss: 0 });
    expect(steps.at(-1)!.loss).toBeCloseTo(5 * steps.at(-1)!.distillationLoss!, 5);
    expect(await readFile(join(folder, 'whole', 'report.html'), 'utf8')).toContain('>distillation<');
    const manifest = await readFile(join(folder, 'whole', 'model', 'manifest.json'), 'utf8');
    expect(manifest).toContain('distillation of teacher (sha256 ');
  });

  it('embeds as the teacher does', async () => {
    const hardly = ['--set', 'learningRate={ initial: 0.000001 }', '--epochs', '1'];
    const { code, err } = await train('untrained', hardly);
    expect(code, err).toBe(0);
    const [before, after] = [await meanCosine('untrained'), await meanCosine('whole')];
    expect(before).toBeLessThan(0.5);
    expect(after).toBeGreaterThan(0.85);
  });

  it('goes on where it was stopped, to the bit, with the targets that it has', async () => {
    const stopped = await train('stopped', ['--epochs', '5']);
    expect(stopped.code, stopped.err).toBe(0);
    const [file] = await readdir(join(folder, 'stopped', 'teacher'));
    const path = join(folder, 'stopped', 'teacher', file!);
    const { mtimeMs } = await stat(path);
    const { code, err } = await train('stopped');
    expect(code, err).toBe(0);
    expect(err).toContain('goes on after step 15');
    expect(err).not.toContain(embedded);
    expect((await stat(path)).mtimeMs).toBe(mtimeMs);
    expect(await trainedWeights(folder, 'stopped')).toEqual(await trainedWeights(folder, 'whole'));
  });

  it('embeds the faces anew where what it has is damaged', async () => {
    await cp(join(folder, 'whole'), join(folder, 'damaged'), { recursive: true });
    const [file] = await readdir(join(folder, 'damaged', 'teacher'));
    await writeFile(join(folder, 'damaged', 'teacher', file!), 'cut short');
    const { code, err } = await train('damaged', ['--epochs', '17']);
    expect(code, err).toBe(0);
    expect(err).toContain(`embedding 24/24 ${embedded}`);
  });

  it('stops in good order before the first step', async () => {
    const { code, err } = await runTrainingProcess(
      folder,
      optionsOf('early', []),
      `embedding 0/24 ${embedded}`,
    );
    expect(err).toContain('Stopped after 0 steps');
    expect(code).toBe(130);
    await expect(readdir(join(folder, 'early', 'teacher'))).rejects.toThrow('ENOENT');
  });

  it('trains on a face loss and the symmetry term too', async () => {
    const both = [
      '--set',
      'loss={ name: arcface, scale: 16, marginRadians: 0.3 }',
      '--set',
      'symmetry.compare=unit',
    ];
    const { code, err } = await train('both', [
      ...both,
      '--epochs',
      '4',
      '--set',
      'augmentation={}',
      '--set',
      'distillation.centre=true',
    ]);
    expect(code, err).toBe(0);
    const steps = await stepsOf('both');
    // A step may have no symmetric face.
    expect(steps.some(({ symmetryLoss }) => symmetryLoss > 0)).toBe(true);
    for (const { loss, faceLoss, symmetryLoss, distillationLoss } of steps) {
      expect(distillationLoss).toBeGreaterThan(0);
      expect(loss).toBeCloseTo(faceLoss + symmetryLoss + 5 * distillationLoss!, 4);
    }
  });

  it('does not go on with another teacher', async () => {
    const other = ['--config', 'teacher.yaml', '--output', 'other', '--epochs', '1'];
    expect((await runTraining(folder, other)).code).toBe(0);
    const { code, err } = await train('whole', ['--set', 'distillation.teacher.model=other/model']);
    expect(err).toContain('checkpoints of another configuration');
    expect(code).not.toBe(0);
  });

  it('refuses a student whose embeddings are of another size', async () => {
    const design = 'backbone: { design: shufflefacenet-x0.5, embeddingSize: 32, input: 112x96 }';
    await writeFile(join(folder, 'larger.yaml'), student.replace(/backbone: .*/u, design));
    const { code, err } = await runTraining(folder, ['--config', 'larger.yaml', '--output', 'refused']);
    expect(err).toContain(`distillation.teacher: its embeddings have ${isFullSuite ? 16 : 8} numbers`);
    expect(code).not.toBe(0);
  });

  it.each([
    ['distillation.teacher.model=nobody', 'is no folder with backbone.onnx and manifest.json'],
    ['distillation=null', 'loss: there is none'],
  ])('refuses %s', async (setting, message) => {
    const { code, err } = await train('refused', ['--set', setting]);
    expect(err).toContain(message);
    expect(code).not.toBe(0);
  });
});
