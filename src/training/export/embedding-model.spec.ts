import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { arcFacePreset } from '../../core/models/presets.js';
import { readEmbeddingModel, startingModel } from './embedding-model.js';
import { parseTrainingConfiguration } from '../configuration/training-configuration.js';

const graph = Buffer.from('a graph');
const sha256 = createHash('sha256').update(graph).digest('hex');
const described = { ...arcFacePreset({ dimension: 8 }), displayName: 'a', license: 'MIT', source: 'test' };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-embedding-model-'));
  await writeFile(join(folder, 'backbone.onnx'), graph);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function read(manifest: object, model = folder) {
  const file = join(folder, 'manifest.json');
  await writeFile(file, JSON.stringify(manifest));
  return readEmbeddingModel({ model, manifest: model === folder ? undefined : file });
}

describe('a model to embed with', () => {
  it('is a folder, or a file with a manifest that need not say its digest', async () => {
    const inFolder = await read({ ...described, graph: { fileName: 'backbone.onnx', sha256 } });
    expect(inFolder.manifest.graph.sha256).toBe(sha256);
    const file = await read(described, join(folder, 'backbone.onnx'));
    expect(file.manifest).toEqual(inFolder.manifest);
    expect(Buffer.from(file.graph).equals(graph)).toBe(true);
  });

  it('is refused where the manifest is of another graph, is no backbone’s or is missing', async () => {
    const other = { fileName: 'backbone.onnx', sha256: '0'.repeat(64) };
    await expect(read({ ...described, graph: other })).rejects.toThrow('is of another graph');
    await expect(read({ ...described, kind: 'detector' })).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
    await expect(read([])).rejects.toThrow('is no manifest');
    const model = join(folder, 'backbone.onnx');
    await expect(readEmbeddingModel({ model, manifest: undefined })).rejects.toThrow('--manifest FILE');
    const none = readEmbeddingModel({ model: join(folder, 'none.onnx'), manifest: model });
    await expect(none).rejects.toThrow('none.onnx cannot be read');
  });

  it('is not a network whose weights are drawn', async () => {
    const text = `
name: test
data: { format: identity-folder, path: faces, kind: photograph }
backbone: { design: mobilefacenet }
loss: { name: arcface, scale: 32, marginRadians: 0.45 }
epochs: 2
batchSize: 32
learningRate: { initial: 0.1 }
`;
    const configuration = parseTrainingConfiguration(text, 'a.yaml');
    const starting = startingModel({ configuration, pathOf: (named) => named });
    await expect(starting).rejects.toThrow('Name a trained one: --model FILE --manifest FILE');
  });
});
