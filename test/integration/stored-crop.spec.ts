import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelFiles } from '../../src/storage/models/model-files.js';
import { loadImageAnalyser } from '../../src/inference/analyser/load-image-analyser.js';
import type { ImageAnalyser } from '../../src/inference/analyser/image-analyser.js';
import type { RegisteredModel } from '../../src/storage/models/model-registry.js';
import { arcFacePreset } from '../../src/core/models/presets.js';
import { cosineSimilarity } from '../../src/core/verification/similarity.js';
import { photographOfOnePerson, photographOfTwoPersons } from '../support/npm-photographs.js';
import { hasSharedData, lfwPhotographs, sharedPath } from '../support/shared-data.js';

const preparedFolder = fileURLToPath(new URL('../../.symface/models', import.meta.url));
const signal = new AbortController().signal;

let folder: string;
let registry: ModelFiles;
let detector: RegisteredModel;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'symface-crops-'));
  cpSync(preparedFolder, join(folder, 'models'), { recursive: true });
  registry = new ModelFiles(folder);
  detector = (await registry.list()).find(({ version }) => version.manifest.kind === 'detector')!;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function analyserOf(backbone: RegisteredModel): Promise<ImageAnalyser> {
  return loadImageAnalyser({
    models: { backbone, detector },
    intraOpThreads: 1,
    maximumBatchSize: 1,
    imageLimits: { maximumBytes: 1 << 24, maximumPixels: 5e7 },
  });
}

/** Of every face in the photograph, the cosine between its embeddings from the photograph and from the stored crop. */
async function agreements(analyser: ImageAnalyser, encoded: Uint8Array): Promise<number[]> {
  const request = { kind: 'photograph', selection: 'all', wantEmbeddings: true, wantCrops: false } as const;
  const { faces } = await analyser.analyse({ ...request, encoded, wantStoredCrops: true }, signal);
  return Promise.all(
    faces.map(async ({ embedding, storedCrop }) => {
      const { encoded: crop, landmarks: knownLandmarks } = storedCrop!;
      const again = await analyser.analyse({ ...request, encoded: crop, knownLandmarks }, signal);
      return cosineSimilarity(embedding!, again.faces[0]!.embedding!);
    }),
  );
}

describe('a stored crop', () => {
  it('embeds as the photograph does, with the default model', async () => {
    const backbone = (await registry.list()).find(({ version }) => version.manifest.kind === 'backbone')!;
    const analyser = await analyserOf(backbone);
    const photographs = [await photographOfOnePerson(), await photographOfTwoPersons()];
    const cosines = (await Promise.all(photographs.map((photo) => agreements(analyser, photo)))).flat();
    expect(cosines).toHaveLength(3);
    expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.999);
  });

  const hasModels = hasSharedData('the stored crops of a 112x112 backbone');
  it.skipIf(!hasModels)('and with the 112x112 template, on faces of any size', async () => {
    const graph = readFileSync(sharedPath('models', 'mobilefacenet_128_dynamic.onnx'));
    const sha256 = createHash('sha256').update(graph).digest('hex');
    const preset = arcFacePreset({ dimension: 128 });
    const described = {
      displayName: 'mobilefacenet',
      license: 'MIT',
      source: 'shared',
      graph: { fileName: 'b.onnx', sha256 },
    };
    const { stored } = await registry.register({ ...preset, ...described }, new Map([['b.onnx', graph]]));
    const analyser = await analyserOf(stored);
    const files = [
      ...lfwPhotographs(12),
      ...['astronaut.png', 'biden.jpg'].map((name) => sharedPath('data', 'photos', name)).filter(existsSync),
    ];
    const cosines = [];
    for (const file of files) cosines.push(...(await agreements(analyser, readFileSync(file))));
    expect(cosines.length).toBeGreaterThan(10);
    expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.999);
  });
});
