import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WeightArray } from '../../src/core/models/weights.js';
import { readSafetensors } from '../../src/storage/weights/safetensors.js';
import { type LogEntry, readRunLog } from '../../src/training/runs/run-log.js';
import { imageNetBackbone, imageNetNetwork } from '../support/small-networks.js';
import { runTraining, trainedWeights } from '../support/training-command.js';
import { picturesOfPersons, writeTaggedFaces } from '../support/training-images.js';

const configuration = `
name: staged
data: { format: identity-folder, path: faces, kind: aligned-crop }
backbone: ${imageNetBackbone()}
loss: { name: arcface, scale: 16, marginRadians: 0.3 }
epochs: 2
batchSize: 6
learningRate: { initial: 0.01 }
`;

describe('symface train', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-staged-'));
    await writeTaggedFaces(join(folder, 'faces'), picturesOfPersons(4, 4));
    await writeFile(join(folder, 'staged.yaml'), configuration);
    await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  /** @returns the weights that come out */
  async function trained(out: string, ...options: readonly string[]): Promise<readonly WeightArray[]> {
    const { code, err } = await runTraining(folder, ['--config', 'staged.yaml', '--output', out, ...options]);
    expect(code, err).toBe(0);
    return [...readSafetensors(await trainedWeights(folder, out)).values()];
  }

  async function logOf(out: string): Promise<readonly LogEntry[]> {
    return readRunLog(join(folder, out, 'log.jsonl'));
  }

  it('trains the head alone, then the last layers, and goes on between as if it had not stopped', async () => {
    const start = await trained('still', '--set', 'learningRate.initial=1.0e-30');
    const freezing = ['--set', 'freezing={ headEpochs: 1, trainedLayers: 0.5 }'];
    const head = await trained('stages', ...freezing, '--epochs', '1');
    for (const [index, { values }] of head.entries())
      for (const [at, value] of values.entries()) expect(value).toBeCloseTo(start[index]!.values[at]!, 20);
    const stages = await trained('stages', ...freezing);
    const moved = stages.map((array, index) =>
      array.values.some((value, at) => value !== head[index]?.values[at]),
    );
    expect(moved[0]).toBe(false);
    expect(moved.at(-1)).toBe(true);
    expect(await trained('at-once', ...freezing)).toEqual(stages);
    const [first, last] = (await logOf('at-once')).filter((entry) => entry.kind === 'steps');
    expect(last?.loss).not.toBe(first?.loss);
  });

  it('refuses stages in which nothing of the network would be trained, and those of drawn weights', async () => {
    const whole = await runTraining(folder, ['--config', 'staged.yaml', '--set', 'freezing.headEpochs=2']);
    expect(whole).toMatchObject({
      code: 2,
      err: expect.stringContaining('must be below epochs, 2') as string,
    });
    await writeFile(
      join(folder, 'drawn.yaml'),
      configuration.replace(imageNetBackbone(), '{ design: shufflefacenet-x0.5 }'),
    );
    const drawn = await runTraining(folder, ['--config', 'drawn.yaml', '--set', 'freezing.headEpochs=1']);
    expect(drawn).toMatchObject({
      code: 2,
      err: expect.stringContaining('freezing: needs weights to start from') as string,
    });
  });

  it('finds a learning rate first, the same one each time, and shows what it was found by', async () => {
    const [once, again] = [
      await trained('found', '--find-learning-rate'),
      await trained('again', '--find-learning-rate'),
    ];
    expect(again).toEqual(once);
    const [range, ...others] = await logOf('found');
    if (range?.kind !== 'learning-rate') throw new Error('the first entry is the learning rate');
    expect(range.learningRate).toBeCloseTo(range.lowest.learningRate / 10, 12);
    expect(range.points.length).toBeGreaterThan(10);
    const steps = others.filter((entry) => entry.kind === 'steps');
    expect(new Set(steps.map(({ learningRate }) => learningRate))).toEqual(new Set([range.learningRate]));
    // The weights are those of the start again: it is what a run at that rate comes to.
    expect(await trained('said', '--set', `learningRate.initial=${range.learningRate}`)).toEqual(once);
    const page = await readFile(join(folder, 'found', 'report.html'), 'utf8');
    expect(page).toContain('Learning-rate range test');
    expect(page).toContain('a tenth of');
  });

  it('goes on at the rate that was found', async () => {
    const once = await trained('longer', '--find-learning-rate', '--epochs', '3');
    await trained('resumed', '--find-learning-rate');
    expect(await trained('resumed', '--find-learning-rate', '--epochs', '3')).toEqual(once);
    expect((await logOf('resumed')).filter(({ kind }) => kind === 'learning-rate')).toHaveLength(1);
  });
});
