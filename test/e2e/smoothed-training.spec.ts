import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';
import { uniformGenerator } from '../../src/core/random/seeded-random.js';
import { createBackbone } from '../../src/learning/backbones/backbone.js';
import { compileServingGraph } from '../../src/learning/backbones/serving-graph.js';
import { takenApart } from '../../src/learning/gating/served-parts.js';
import type { LogEntry } from '../../src/training/runs/run-log.js';
import { settledWeights } from '../support/backbone-inputs.js';
import { everyLayerNet } from '../support/every-layer-net.js';
import { noisyPhotographs } from '../support/noisy-photographs.js';
import { runTraining } from '../support/training-command.js';
import { writeTaggedFaces } from '../support/training-images.js';

const each = 4;

/** A rate at which no weight changes: what is gained is gained by what stands before and behind the network. */
const configuration = `
name: noisy
data: { format: identity-folder, path: faces, kind: aligned-crop, identities: { holdOut: { fraction: 0.5, seed: 1 } } }
backbone: { onnx: start.onnx }
loss: { name: arcface, scale: 16, marginRadians: 0.3 }
epochs: 1
batchSize: 8
learningRate: { initial: 1.0e-30 }
weightInterpolation: { choose: { falseMatchRate: 0.1 } }
evaluate: { heldOutPairs: 60 }
license: MIT
`;

describe('a training on noisy photographs', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-smoothed-'));
    const photographs = noisyPhotographs(uniformGenerator(5), { persons: 24, each, noise: 110, cells: 7 });
    const { landmarks } = arcFaceTemplate;
    const pictures = photographs.map((picture, index) => {
      const name = `person-${String(Math.floor(index / each)).padStart(2, '0')}/${index}.png`;
      return { name, picture, rho: 0.1, landmarks };
    });
    await writeTaggedFaces(join(folder, 'faces'), pictures);
    await writeFile(join(folder, 'noisy.yaml'), configuration);
    const backbone = createBackbone(everyLayerNet, { embeddingSize: 32 });
    await writeFile(join(folder, 'start.onnx'), compileServingGraph(backbone, settledWeights(backbone)));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function smoothings(run: string) {
    const log = (await readFile(join(folder, run, 'log.jsonl'), 'utf8')).trim().split('\n');
    return log.map((line) => JSON.parse(line) as LogEntry).filter(({ kind }) => kind === 'smoothing');
  }

  async function smoothingOf(run: string): Promise<number> {
    return takenApart(await readFile(join(folder, run, 'model', 'backbone.onnx'))).parts.smoothingPixels;
  }

  it('smooths crops before the network, keeps to it where it goes on, and so does who trains what came of it', async () => {
    const options = ['--config', 'noisy.yaml', '--output', 'first'];
    const { code, err } = await runTraining(folder, options);
    expect(code, err).toBe(0);
    expect(err).toMatch(/Crops are smoothed by [0-9.]+ pixels/u);
    const [chosen] = await smoothings('first');
    expect(chosen).toMatchObject({ identityCount: 12, faceCount: 48 });
    const pixels = await smoothingOf('first');
    expect(pixels).toBeGreaterThan(0);
    expect(chosen).toHaveProperty('pixels', pixels);
    const manifest = await readFile(join(folder, 'first', 'model', 'manifest.json'), 'utf8');
    expect(manifest).toContain(`, crops smoothed by ${pixels} pixels`);

    // It goes on from its checkpoint with one epoch more: nothing is chosen anew.
    const more = await runTraining(folder, [...options, '--set', 'epochs=2']);
    expect(more.code, more.err).toBe(0);
    expect(more.err).not.toContain('Crops are smoothed by');
    expect(await smoothings('first')).toEqual([chosen]);
    expect(await smoothingOf('first')).toBe(pixels);

    const next = configuration
      .replace('start.onnx', 'first/model/backbone.onnx')
      .replace('{ choose: { falseMatchRate: 0.1 } }', '{ trainedShare: 1 }');
    await writeFile(join(folder, 'next.yaml'), next);
    const again = await runTraining(folder, ['--config', 'next.yaml', '--output', 'next']);
    expect(again.code, again.err).toBe(0);
    expect(await smoothingOf('next')).toBe(pixels);
  });
});
