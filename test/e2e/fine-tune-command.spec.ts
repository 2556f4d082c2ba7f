import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withProjection } from '../../src/learning/projection/projected-graph.js';
import type { LogEntry } from '../../src/training/runs/run-log.js';
import { readSafetensors } from '../../src/storage/weights/safetensors.js';
import type { BackboneManifest } from '../../src/core/models/manifest.js';
import { arcFacePreset } from '../../src/core/models/presets.js';
import { embeddingDifference, embeddingsOf } from '../support/pixel-embeddings.js';
import {
  convolutionalNetwork,
  imageNetBackbone,
  imageNetNetwork,
  imageNetPixels,
} from '../support/small-networks.js';
import { runTraining, trainedWeights } from '../support/training-command.js';
import { picturesOfPersons, writeTaggedFaces } from '../support/training-images.js';

const pictures = picturesOfPersons(4, 4);

/** A rate at which no weight changes: what comes out is what went in. */
const configuration = `
name: still
data: { format: identity-folder, path: faces, kind: aligned-crop }
backbone: ${imageNetBackbone()}
loss: { name: arcface, scale: 16, marginRadians: 0.3 }
symmetry: { compare: unit }
epochs: 1
batchSize: 6
learningRate: { initial: 1.0e-30 }
license: MIT
`;

describe('symface train of an ONNX file', () => {
  let folder: string;
  const model = imageNetNetwork();

  async function trainedModel(run: string) {
    const graph = await readFile(join(folder, run, 'model', 'backbone.onnx'));
    const manifest = JSON.parse(
      await readFile(join(folder, run, 'model', 'manifest.json'), 'utf8'),
    ) as BackboneManifest;
    return { graph, manifest };
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-fine-tune-'));
    await writeTaggedFaces(join(folder, 'faces'), pictures);
    await writeFile(join(folder, 'still.yaml'), configuration);
    await writeFile(join(folder, 'small.onnx'), model);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('leaves a model that embeds as the file did where the weights stay, and says where it came from', async () => {
    const { code, err } = await runTraining(folder, ['--config', 'still.yaml', '--output', 'still']);
    expect(err).toContain('embedding 16/16 faces for the head');
    expect(err).toContain('16 faces of 4 identities');
    expect(code).toBe(0);
    const { graph, manifest } = await trainedModel('still');
    const crops = pictures.map(({ picture }) => picture);
    const preset = arcFacePreset({ dimension: 8 });
    const original = { ...preset, input: { ...preset.input, ...imageNetPixels } } as BackboneManifest;
    const expected = await embeddingsOf(model, original, crops);
    expect(embeddingDifference(await embeddingsOf(graph, manifest, crops), expected)).toBeLessThan(1e-5);
    const sha256 = createHash('sha256').update(model).digest('hex');
    expect(manifest.source).toContain(`small.onnx (sha256 ${sha256}), arcface + SymFace`);
    expect(manifest.license).toBe('MIT');
  });

  it('changes the weights at a rate that is one', async () => {
    await writeFile(join(folder, 'moving.yaml'), configuration.replace('1.0e-30', '0.01'));
    const { code } = await runTraining(folder, ['--config', 'moving.yaml', '--output', 'moving']);
    expect(code).toBe(0);
    const [still, moving] = [await trainedModel('still'), await trainedModel('moving')];
    expect(moving.manifest.graph.sha256).not.toBe(still.manifest.graph.sha256);
  });

  it('leaves a model a part of the way to what was trained where that is asked for', async () => {
    const options = ['--set', 'weightInterpolation.trainedShare=0.25'];
    const { code } = await runTraining(folder, ['--config', 'moving.yaml', '--output', 'part', ...options]);
    expect(code).toBe(0);
    const [start, trained, part] = await Promise.all(
      ['still', 'moving', 'part'].map(async (run) => readSafetensors(await trainedWeights(folder, run))),
    );
    for (const [name, { values }] of part!) {
      const [before, after] = [start!.get(name)!.values, trained!.get(name)!.values];
      for (const [index, value] of values.entries())
        expect(value).toBeCloseTo(0.75 * before[index]! + 0.25 * after[index]!, 5);
    }
    expect((await trainedModel('part')).manifest.source).toMatch(/, 0\.25 of the way$/u);
  });

  it('finds how far to go where that is asked for, and goes nowhere where nothing is to be gained', async () => {
    const options = ['--set', 'weightInterpolation.choose.falseMatchRate=0.05'];
    const alone = await runTraining(folder, ['--config', 'moving.yaml', '--output', 'found', ...options]);
    expect(alone.err).toContain('weightInterpolation.choose needs at least two identities that are held out');
    const heldOut = [...options, '--set', 'data.identities.holdOut=[person-2, person-3]'];
    const { code, err } = await runTraining(folder, [
      '--config',
      'still.yaml',
      '--output',
      'found',
      ...heldOut,
    ]);
    expect(err).toContain('Nothing to gain');
    expect(code).toBe(0);
    const log = (await readFile(join(folder, 'found', 'log.jsonl'), 'utf8')).trim().split('\n');
    const entries = log.map((line) => JSON.parse(line) as LogEntry);
    const choice = entries.find((entry) => entry.kind === 'choice');
    // 2 identities with 4 faces each: 12 pairs of one person, 16 of two, of which 10 must match.
    expect(choice).toMatchObject({
      trainedShare: 0,
      askedFalseMatchRate: 0.05,
      falseMatchRate: 10 / 16,
      identityCount: 2,
      faceCount: 8,
      genuinePairCount: 12,
      impostorPairCount: 16,
    });
    expect(choice?.candidates.map(({ name }) => name)).toEqual(
      Array.from({ length: 11 }, (_, tenths) => [`${tenths / 10}`, `${tenths / 10} projected`]).flat(),
    );
    // What comes out is measured once the share is known, and not before.
    expect(entries.map(({ kind }) => kind).slice(-2)).toEqual(['choice', 'evaluation']);
    expect(entries.filter(({ kind }) => kind === 'evaluation')).toHaveLength(1);
    expect((await trainedModel('found')).manifest.source).toMatch(/, 0 of the way$/u);
    const page = await readFile(join(folder, 'found', 'report.html'), 'utf8');
    expect(page).toContain('How far to go');
  });

  it('takes off a projection to train, and puts it behind what comes out', async () => {
    const bare = await trainedModel('still');
    const matrix = Float32Array.from({ length: 64 }, (_, index) => (index % 9 === 0 ? 2 : (index % 5) / 10));
    const projected = withProjection(bare.graph, { dimension: 8, matrix });
    await writeFile(join(folder, 'projected.onnx'), projected);
    const text = configuration.replace(
      imageNetBackbone(),
      '{ onnx: projected.onnx, typicalNorm: { mean: 10, standardDeviation: 2 } }',
    );
    await writeFile(join(folder, 'projected.yaml'), text);
    const { code } = await runTraining(folder, ['--config', 'projected.yaml', '--output', 'projected']);
    expect(code).toBe(0);
    const { graph, manifest } = await trainedModel('projected');
    const crops = pictures.map(({ picture }) => picture);
    const expected = await embeddingsOf(projected, bare.manifest, crops);
    expect(embeddingDifference(await embeddingsOf(graph, manifest, crops), expected)).toBeLessThan(1e-5);
    // No weight has changed, so embeddings are as long as they were.
    expect(manifest.embedding.typicalNorm).toEqual({ mean: 10, standardDeviation: 2 });
    const weights = readSafetensors(await trainedWeights(folder, 'projected'));
    expect(weights.get('projection/matrix')).toEqual({ shape: [8, 8], values: matrix });
  });

  it('keeps the head from a checkpoint to the next run, and out of the model', async () => {
    await runTraining(folder, ['--config', 'moving.yaml', '--output', 'whole', '--epochs', '2']);
    await runTraining(folder, ['--config', 'moving.yaml', '--output', 'halves']);
    await runTraining(folder, ['--config', 'moving.yaml', '--output', 'halves', '--epochs', '2']);
    const weights = await trainedWeights(folder, 'whole');
    expect(await trainedWeights(folder, 'halves')).toEqual(weights);
    expect([...readSafetensors(weights).keys()].filter((name) => name.startsWith('head/'))).toEqual([]);
  });

  it('computes class means for the head at the start only, and where asked to not at all', async () => {
    const options = ['--config', 'still.yaml', '--output', 'still', '--epochs', '2'];
    const resumed = await runTraining(folder, options);
    expect(resumed.err).toContain('goes on after step');
    expect(resumed.err).not.toContain('embedding');
    await writeFile(join(folder, 'random.yaml'), `${configuration}head: { initialise: random }`);
    const random = await runTraining(folder, ['--config', 'random.yaml', '--output', 'random']);
    expect(random.code).toBe(0);
    expect(random.err).not.toContain('embedding');
  });

  it('replays another data set, says how much of it, and refuses one that is not there before it begins', async () => {
    await writeTaggedFaces(join(folder, 'others'), picturesOfPersons(3, 4));
    const replay = 'replay: { format: identity-folder, path: others, kind: aligned-crop, identityLimit: 2 }';
    const text = configuration.replace('kind: aligned-crop }', `kind: aligned-crop, ${replay} }`);
    await writeFile(join(folder, 'replay.yaml'), text);
    const { code, err } = await runTraining(folder, ['--config', 'replay.yaml', '--output', 'replay']);
    expect(code).toBe(0);
    expect(err).toContain('24 faces of 6 identities');
    expect(err).toContain('33.33 % of the faces of each epoch are replayed: 8 of 2 identities.');
    const log = await readFile(join(folder, 'replay', 'log.jsonl'), 'utf8');
    expect(JSON.parse(log.split('\n')[0]!)).toMatchObject({ kind: 'replay', identityCount: 2, faceCount: 8 });
    const missing = ['--config', 'replay.yaml', '--output', 'no-replay', '--set', 'data.replay.path=nowhere'];
    const refused = await runTraining(folder, missing);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('(data.replay.path; ENOENT). Say where it is: --set data.replay.path=PATH');
    const other = ['--config', 'replay.yaml', '--output', 'replay', '--set', 'data.replay.identityLimit=3'];
    expect((await runTraining(folder, other)).err).toContain('another configuration');
  });

  it('does not go on with another file, and refuses faces of another size', async () => {
    await writeFile(join(folder, 'small.onnx'), imageNetNetwork(0.2));
    const changed = await runTraining(folder, ['--config', 'still.yaml', '--output', 'still']);
    expect(changed.code).toBe(2);
    expect(changed.err).toContain('another configuration');
    await writeFile(join(folder, 'small.onnx'), convolutionalNetwork());
    const tiny = await runTraining(folder, ['--config', 'still.yaml', '--output', 'tiny']);
    expect(tiny.code).toBe(2);
    expect(tiny.err).toContain('say which template its faces are aligned to');
  });
});
