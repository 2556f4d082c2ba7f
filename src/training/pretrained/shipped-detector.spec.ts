import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { initialWeights } from '../../learning/weights/initial-weights.js';
import { closeUpNetwork } from '../../learning/detectors/close-up-network.js';
import { retinaFace } from '../../learning/detectors/retinaface.js';
import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import { ModelFiles } from '../../storage/models/model-files.js';
import { readSafetensors, writeSafetensors } from '../../storage/weights/safetensors.js';
import { detectorAnswers } from '../detector/detector-answers.js';
import { compileDetector, DETECTOR_GRAPHS, detectorManifest } from '../detector/detector-export.js';
import { detectorPreparation } from './detector-preparation.js';
import { carryOut } from './preparation.js';
import { readShippedDetector } from './shipped-detector.js';

const network = { width: 8, stemChannels: 4 };
const training = {
  configuration: 'tiny',
  start: 'random weights',
  seeds: [7],
  steps: 0,
  data: { photographCount: 3, faceCount: 4, dataSha256: 'ab'.repeat(32) },
} as const;
const exact = new Map([
  ...initialWeights(retinaFace({ width: 64, height: 64 }, network), 7),
  ...initialWeights(closeUpNetwork(DETECTOR_GRAPHS.closeUp.sidePixels), 7),
]);
const file = writeSafetensors(exact, { source: 'a test', license: 'MIT' }, 'F16');

let folder: string;
let shipped: { readonly selfCheck: readonly number[] };
const url = (): URL => pathToFileURL(`${folder}/`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-shipped-'));
  const compiled = compileDetector(network, readSafetensors(file));
  const origin = { name: 'tiny', license: 'MIT', source: 'a test', training };
  const manifest = { ...detectorManifest(compiled.graphs, origin, 0.5), graphs: undefined };
  shipped = {
    weightsSha256: createHash('sha256').update(file).digest('hex'),
    network,
    selfCheck: await detectorAnswers(compiled),
    manifest,
  } as object as typeof shipped;
});

beforeEach(async () => {
  await writeFile(join(folder, 'weights.safetensors'), file);
  await writeFile(join(folder, 'shipped.json'), JSON.stringify(shipped));
});

afterAll(() => rm(folder, { recursive: true }));

describe('detectorPreparation', () => {
  it('registers three graphs of the weights in half precision, once', async () => {
    const registry = new ModelFiles(join(folder, 'data'));
    const titles: string[] = [];
    const prepare = async () =>
      carryOut(detectorPreparation('tiny', await readShippedDetector(url())), registry, (title) => {
        titles.push(title);
      });
    const { version, folder: bundle } = await prepare();
    expect((await prepare()).version.id).toBe(version.id);
    expect(titles).toEqual(['tiny']);
    const { manifest } = version;
    if (manifest.kind !== 'detector') throw new TypeError(manifest.kind);
    expect(manifest).toMatchObject({ family: 'retinaface', displayName: 'tiny', training });
    expect(manifest.source).toMatch(/^a test; models\/tiny, SHA-256 [0-9a-f]{16}, definition 1$/u);
    const sides = { detector: 320, detectorLarge: 640, closeUp: 128 } as const;
    for (const [role, side] of Object.entries(sides)) {
      const { fileName, sha256 } = manifest.graphs[role as keyof typeof sides]!;
      const graph = await readFile(join(bundle, fileName));
      expect(createHash('sha256').update(graph).digest('hex')).toBe(sha256);
      const session = await OnnxSession.load(graph, { intraOpThreads: 1 });
      expect(session.soleInput.dimensions.slice(1)).toEqual([3, side, side]);
      await session.release();
    }
  });

  it('answers as the network did before its weights were rounded, nearly', async () => {
    const before = await detectorAnswers(compileDetector(network, exact));
    // Half precision keeps 11 bits; the numbers are probabilities and offsets of about nothing, as heads are drawn small.
    for (const [index, value] of before.entries()) expect(shipped.selfCheck[index]).toBeCloseTo(value, 2);
    expect(shipped.selfCheck).not.toEqual(before);
  });

  it.each([
    ['photographs', 0],
    ['close-ups', -1],
  ])('refuses a network of %s that answers otherwise', async (_, place) => {
    const selfCheck = [...shipped.selfCheck];
    selfCheck.splice(place, 1, selfCheck.at(place)! + 1);
    await writeFile(join(folder, 'shipped.json'), JSON.stringify({ ...shipped, selfCheck }));
    const { make } = detectorPreparation('tiny', await readShippedDetector(url()));
    await expect(make(() => undefined)).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
  });
});

describe('readShippedDetector', () => {
  it('refuses weights of which a byte is another', async () => {
    const changed = Buffer.from(file);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    await writeFile(join(folder, 'weights.safetensors'), changed);
    await expect(readShippedDetector(url())).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringContaining('weights.safetensors') as string,
    });
  });

  it('refuses a description of something else', async () => {
    await writeFile(join(folder, 'shipped.json'), '{}');
    await expect(readShippedDetector(url())).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringContaining('shipped.json') as string,
    });
  });
});
