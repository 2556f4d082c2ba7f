import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';

import type { ModelVersion } from '../../../core/models/manifest.js';
import { arcFacePreset, detectorPresets } from '../../../core/models/presets.js';
import type { ModelRegistry, RegisteredModel } from '../../../storage/models/model-registry.js';
import { ImportModel } from './import-model.js';

const graph = Uint8Array.of(1, 2, 3);
const sha256 = createHash('sha256').update(graph).digest('hex');
const importer = { actor: 'apiKeys/1', tenant: 'default' };
const described = { displayName: 'net', license: 'MIT', source: 'made up' };
const backbone = { ...arcFacePreset({ dimension: 128 }), ...described };
const detector = { ...detectorPresets.yunet, ...described };

/** Remembers what it is given, one version of a kind. */
class RecordingRegistry implements Pick<ModelRegistry, 'register'> {
  readonly registered = new Map<string, RegisteredModel>();
  files: ReadonlyMap<string, Uint8Array> = new Map();

  register: ModelRegistry['register'] = (manifest, files) => {
    this.files = files;
    const existing = this.registered.get(manifest.kind);
    if (existing !== undefined) return Promise.resolve({ stored: existing, created: false });
    const version: ModelVersion = { id: `net-1`, contractDigest: '', createTime: '', manifest };
    const stored = { version, folder: '' };
    this.registered.set(manifest.kind, stored);
    return Promise.resolve({ stored, created: true });
  };
}

describe('ImportModel', () => {
  let registry: RecordingRegistry;
  let importModel: ImportModel;

  beforeEach(() => {
    registry = new RecordingRegistry();
    importModel = new ImportModel(
      { validate: () => Promise.resolve({ inferenceMs: 7 }) },
      registry,
    );
  });

  it("fills in the backbone's file and digest", async () => {
    const { stored, created, validation } = await importModel.execute(JSON.stringify(backbone), graph, importer);
    expect(created).toBe(true);
    expect(validation).toEqual({ inferenceMs: 7 });
    expect(stored.version.manifest).toMatchObject({ graph: { fileName: 'backbone.onnx', sha256 } });
    expect([...registry.files]).toEqual([['backbone.onnx', graph]]);
  });

  it("fills in the detector's file and digest, and keeps a name that is given", async () => {
    const graphs = { detector: { fileName: 'yunet_n.onnx' } };
    await importModel.execute(JSON.stringify({ ...detector, graphs }), graph, importer);
    expect([...registry.files.keys()]).toEqual(['yunet_n.onnx']);
    expect(registry.registered.get('detector')?.version.manifest).toMatchObject({
      graphs: { detector: { sha256 } },
    });
  });

  it('refuses a digest that is not that of the graph', async () => {
    const manifest = { ...backbone, graph: { sha256: '0'.repeat(64) } };
    await expect(importModel.execute(JSON.stringify(manifest), graph, importer)).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      fieldViolations: [{ field: 'manifest.graph.sha256' }],
    });
  });

  it('refuses what is not JSON, and a detector of two graphs', async () => {
    await expect(importModel.execute('{', graph, importer)).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
    const file = { fileName: 'close-up.onnx', sha256 };
    const two = { ...detector, graphs: { closeUp: file } };
    await expect(importModel.execute(JSON.stringify(two), graph, importer)).rejects.toThrow(/2 graphs/);
  });

  it('says where the same model is there with another threshold', async () => {
    const similarityThreshold = { similarity: 0.3, description: 'measured' };
    await importModel.execute(JSON.stringify(backbone), graph, importer);
    const again = await importModel.execute(JSON.stringify(backbone), graph, importer);
    expect(again.created).toBe(false);
    await expect(
      importModel.execute(JSON.stringify({ ...backbone, similarityThreshold }), graph, importer),
    ).rejects.toThrow(/registered as net-1 with no threshold/);
  });
});
