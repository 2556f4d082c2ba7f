import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/storage/weights/safetensors.js';
import { imageNetBackbone, imageNetNetwork } from '../support/small-networks.js';
import { runTraining, runTrainingProcess, trainedWeights } from '../support/training-command.js';
import { picturesOfPersons, writeTaggedFaces } from '../support/training-images.js';

const pictures = picturesOfPersons(6, 4);

const configuration = `
name: small
data:
  format: identity-folder
  path: faces
  kind: aligned-crop
  identities: { holdOut: [person-4, person-5] }
backbone: { design: shufflefacenet-x0.5, embeddingSize: 16, input: 112x96 }
loss: { name: arcface, scale: 16, marginRadians: 0.3 }
symmetry: { compare: unit }
epochs: 5
batchSize: 6
learningRate: { initial: 0.02, dropEpochs: [1] }
evaluate: { heldOutPairs: 12 }
`;

async function outcomeOf(folder: string, run: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, run, 'outcome.json'), 'utf8'));
}

describe('symface train', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-train-'));
    await writeTaggedFaces(join(folder, 'faces'), pictures);
    await writeFile(join(folder, 'small.yaml'), configuration);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('trains, measures identities held out, and leaves a model, a log and a page', async () => {
    const { code, out, err } = await runTrainingProcess(folder, [
      '--config',
      'small.yaml',
      '--output',
      'whole',
    ]);
    expect(err).toContain('16 faces of 4 identities, 8 of them symmetric');
    expect(err).toContain('2 identities held out');
    expect(err).not.toContain('TensorFlow');
    // 16 faces, 2 of 8 symmetric ones split: 18 samples, 3 steps of 6.
    expect(err).toMatch(/step 3, held-out: accuracy .* halves \d\.\d{4}/u);
    expect(out).toContain('Trained: 15 steps.');
    expect(code).toBe(0);
    const manifest = JSON.parse(
      await readFile(join(folder, 'whole', 'model', 'manifest.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect(manifest).toMatchObject({
      kind: 'backbone',
      alignment: { width: 96, height: 112 },
      embedding: { dimension: 16 },
    });
    expect(await readFile(join(folder, 'whole', 'report.html'), 'utf8')).toContain('<svg');
    const log = (await readFile(join(folder, 'whole', 'log.jsonl'), 'utf8')).trim().split('\n');
    const entries = log.map((line) => JSON.parse(line) as { readonly kind: string; readonly step: number });
    const stepsOf = (kind: string) => entries.filter((entry) => entry.kind === kind).map(({ step }) => step);
    // A short run logs every step, so that its curves have points.
    expect(stepsOf('steps')).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    expect(stepsOf('evaluation')).toEqual([3, 6, 9, 12, 15]);
  });

  it('goes on where it was stopped, with the same result to the bit', async () => {
    const stopped = await runTrainingProcess(
      folder,
      ['--config', 'small.yaml', '--output', 'stopped'],
      'step 3, held-out',
    );
    expect(stopped.code).toBe(130);
    expect(await outcomeOf(folder, 'stopped')).toMatchObject({ state: 'stopped' });
    const steps = Number(/Stopped after (\d+) steps/u.exec(stopped.err)?.[1]);
    expect(steps).toBeGreaterThanOrEqual(3);
    expect(steps).toBeLessThan(15);
    const { code, err } = await runTraining(folder, ['--config', 'small.yaml', '--output', 'stopped']);
    expect(err).toContain(`goes on after step ${steps}`);
    expect(code).toBe(0);
    expect(await trainedWeights(folder, 'stopped')).toEqual(await trainedWeights(folder, 'whole'));
  });

  it('takes a step on two batches', async () => {
    const accumulating = configuration
      .replace(/backbone: .*/u, `backbone: ${imageNetBackbone()}`)
      .replace('batchSize: 6', 'batchSize: 6\naccumulateSteps: 2')
      .replace('epochs: 5', 'epochs: 1');
    await writeFile(join(folder, 'accumulating.yaml'), accumulating);
    await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
    const { out, err } = await runTraining(folder, [
      '--config',
      'accumulating.yaml',
      '--output',
      'accumulating',
    ]);
    // 3 batches: a step on two, one on the third.
    expect(err).toContain('step 2, held-out');
    expect(out).toContain('Trained: 2 steps.');
  });

  it('refuses a folder that another process trains in', async () => {
    const held = 'held';
    await mkdir(join(folder, held));
    const holder = { host: hostname(), processId: process.pid, processStart: null, id: 'other' };
    await writeFile(join(folder, held, 'run.lock'), JSON.stringify(holder));
    const { code, err } = await runTraining(folder, ['--config', 'small.yaml', '--output', held]);
    expect(code).toBe(2);
    expect(err).toContain(`is trained in by the process ${process.pid} on`);
    expect(await readdir(join(folder, held))).toEqual(['run.lock']);
  });

  it('says what it leaves out, and leaves out what cannot be read where it is told to', async () => {
    const faces = join(folder, 'faces of people');
    await cp(join(folder, 'faces'), faces, { recursive: true });
    const [identity = ''] = (await readdir(faces)).filter((name) => name.startsWith('person'));
    await cp(join(faces, identity), join(faces, '.ipynb_checkpoints'), { recursive: true });
    await writeFile(join(faces, identity, '._x.jpg'), 'a resource fork');
    await writeFile(join(faces, identity, 'broken.jpg'), 'no image');
    const args = ['--config', 'small.yaml', '--set', 'data.path=faces of people', '--epochs', '1'];
    const refused = await runTraining(folder, [...args, '--output', 'unreadable']);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('broken.jpg: cannot be trained on (IMAGE_FORMAT_UNSUPPORTED)');
    const { code, err } = await runTraining(folder, [
      ...args,
      ...['--output', 'readable', '--set', 'data.skipUnreadable=true'],
    ]);
    expect(code).toBe(0);
    expect(err).toContain('16 faces of 4 identities');
    expect(err).toContain('16 of 17 images: left out are 1 that could not be read.');
    expect(err).toMatch(/6 files passed over: .*5 hidden, or left by a system/u);
  });

  it('refuses what is wrong, by name', async () => {
    await writeFile(join(folder, 'other.yaml'), configuration.replace('scale: 16', 'scale: 24'));
    const other = await runTraining(folder, ['--config', 'other.yaml', '--output', 'whole']);
    expect(other.code).toBe(2);
    expect(other.err).toContain('another configuration');
    // What is there is of the run before.
    expect(await outcomeOf(folder, 'whole')).toMatchObject({ state: 'finished', steps: 15 });
    await writeFile(join(folder, 'typo.yaml'), configuration.replace('marginRadians', 'margin'));
    const typo = await runTraining(folder, ['--config', 'typo.yaml', '--output', 'typo']);
    expect(typo.code).toBe(2);
    expect(typo.err).toContain('arcface has no hyperparameter margin');
    expect(await readdir(folder)).not.toContain('typo');
    const foreign = new Map([...readSafetensors(await trainedWeights(folder, 'whole'))].slice(1));
    await writeFile(join(folder, 'foreign.safetensors'), writeSafetensors(foreign));
    const start = configuration.replace('input: 112x96', 'input: 112x96, weights: foreign.safetensors');
    await writeFile(join(folder, 'start.yaml'), start);
    const started = await runTraining(folder, ['--config', 'start.yaml', '--output', 'start']);
    expect(started.code).toBe(2);
    expect(started.err).toContain('which the weights lack');
  });
});
