import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { DetectorManifest } from '../../src/core/models/manifest.js';
import { labelLine } from '../../src/datasets/face-labels/label-lines.js';
import { encodePng } from '../../src/inference/decode/sharp-image-encoder.js';
import { parseManifest } from '../../src/storage/models/manifest-schema.js';
import { detectorPreparation } from '../../src/training/pretrained/detector-preparation.js';
import { readShippedDetector } from '../../src/training/pretrained/shipped-detector.js';
import { markedBox, markedLandmarks, markedPhotographs } from '../support/marked-photographs.js';
import { runTraining } from '../support/training-command.js';

const configuration = `kind: detector
name: tiny
license: MIT
data:
  labels: labels.jsonl
  photographs: [{ path: photographs, validation: { folders: [held-out] } }]
  sidePixels: 96
  closeUpSidePixels: 64
network: { width: 8, stemChannels: 4 }
batchSize: 4
steps: 6
learningRate: { warmUpSteps: 1 }
checkpointEverySteps: 4
evaluate: { everySteps: 3, samples: 2 }
`;
const trained = ['a/1.png', 'a/2.png', 'b/1.png'];
const lines = [...trained, 'held-out/1.png'].map((file) => {
  const faces = [{ box: markedBox, landmarks: markedLandmarks, probability: 0.9, agreed: true }];
  return labelLine({ set: 'photographs', file, width: 160, height: 160, faces });
});

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-detector-training-'));
  await writeFile(join(folder, 'tiny.yaml'), configuration);
  await writeFile(join(folder, 'labels.jsonl'), lines.join(''));
  const { pixels, photographs } = markedPhotographs();
  const { width, height } = photographs[0]!;
  const image = { width, height, pixels: new Uint8Array(pixels, 0, width * height * 3) };
  const png = await encodePng(image);
  for (const file of [...trained, 'held-out/1.png']) {
    const path = join(folder, 'photographs', file);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, png);
  }
});

afterAll(() => rm(folder, { recursive: true }));

const train = (...more: string[]) =>
  runTraining(folder, ['--config', 'tiny.yaml', '--output', 'run', ...more]);

async function manifestOf(): Promise<DetectorManifest> {
  const parsed = parseManifest(JSON.parse(await readFile(join(folder, 'run/model/manifest.json'), 'utf8')));
  if (parsed.kind !== 'detector') throw new TypeError(parsed.kind);
  return parsed;
}

async function entries(): Promise<readonly { readonly kind: string; readonly step: number }[]> {
  const text = await readFile(join(folder, 'run/log.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly kind: string; readonly step: number });
}

it('trains a detector of labelled photographs, writes it anew where it is done, and goes on for more steps', async () => {
  const first = await train();
  expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^Trained: 6 steps/u) as string });
  const { training, graphs } = await manifestOf();
  expect(training).toEqual({
    configuration: 'tiny',
    start: 'random weights',
    seeds: [1],
    steps: 6,
    data: {
      photographCount: 3,
      faceCount: 3,
      dataSha256: createHash('sha256').update(lines.slice(0, 3).join('')).digest('hex'),
    },
  });
  for (const { fileName, sha256 } of [graphs.detector, graphs.detectorLarge!]) {
    const graph = await readFile(join(folder, 'run/model', fileName));
    expect(createHash('sha256').update(graph).digest('hex')).toBe(sha256);
  }
  expect((await entries()).map(({ kind, step }) => [kind, step])).toEqual([
    ['evaluation', 3],
    ['evaluation', 6],
  ]);
  expect(await readFile(join(folder, 'run/report.html'), 'utf8')).toContain('Held-out faces');

  await rm(join(folder, 'run/model'), { recursive: true });
  expect((await train()).code).toBe(0);
  expect((await manifestOf()).graphs).toEqual(graphs);

  const more = await train('--set', 'steps=8');
  expect(more.err).toMatch(/from step 6/u);
  expect((await manifestOf()).training?.steps).toBe(8);
  expect((await manifestOf()).graphs.detector.sha256).not.toBe(graphs.detector.sha256);
});

it('trains the network of close-ups, which is no detector by itself', async () => {
  const settings = ['network.design=close-up', 'data.sidePixels=128', 'steps=3'].flatMap((set) => [
    '--set',
    set,
  ]);
  const { code } = await runTraining(folder, ['--config', 'tiny.yaml', '--output', 'near', ...settings]);
  expect(code).toBe(0);
  expect((await readdir(join(folder, 'near/model'))).sort()).toEqual(['origin.json', 'weights.safetensors']);
  const origin = JSON.parse(await readFile(join(folder, 'near/model/origin.json'), 'utf8')) as object;
  expect(origin).toMatchObject({ name: 'tiny', training: { steps: 3, data: { photographCount: 3 } } });
});

it('ships both as one detector, which is itself where it is compiled', async () => {
  const script = fileURLToPath(new URL('../../scripts/ship-detector.mjs', import.meta.url));
  const out = join(folder, 'shipped');
  const options = ['--close-up', 'near/model', '--name', 'tiny', '--license', 'MIT', '--output', out];
  await promisify(execFile)(process.execPath, [script, 'run/model', ...options], { cwd: folder });
  const shipped = await readShippedDetector(pathToFileURL(`${out}/`));
  const { manifest, files } = await detectorPreparation('tiny', shipped).make(() => undefined);
  expect([...files.keys()].sort()).toEqual(['close-up.onnx', 'detector-large.onnx', 'detector.onnx']);
  expect(manifest).toMatchObject({ training: { steps: 8 }, closeUpTraining: { steps: 3 } });
});

it.each([
  [['--epochs', '2'], /--set steps=/u],
  [['--cell', 'x'], /--cell/u],
  [['--engine', 'tfjs'], /--engine/u],
])('refuses %j, which says nothing of a detector', async (options, message) => {
  const { code, err } = await train(...options);
  expect(code).not.toBe(0);
  expect(err).toMatch(message);
});
