import { beforeEach, describe, expect, it } from 'vitest';

import type { ModelManifest } from '../../../core/models/manifest.js';
import { arcFacePreset, retinaFacePreset } from '../../../core/models/presets.js';
import { servedModels } from '../../../inference/workers/served-models.js';
import type { ModelPair } from '../../../inference/workers/model-serving.js';
import type { ModelKind, RegisteredModel } from '../../../storage/models/model-registry.js';
import type { ActiveModel } from './active-model.store.js';
import { type ServedSince, ServeActiveModels } from './serve-active-models.js';

const graph = { fileName: 'net.onnx', sha256: '0'.repeat(64) };
const since = new Date('2026-01-01T00:00:00Z');

function model(id: string, kind: ModelKind, day: number): RegisteredModel {
  const described = { displayName: id, license: 'MIT', source: 'made up' };
  const manifest: ModelManifest =
    kind === 'detector'
      ? { ...retinaFacePreset, ...described, graphs: { detector: graph } }
      : { ...arcFacePreset({ dimension: 128 }), ...described, graph };
  const createTime = new Date(Date.UTC(2026, 0, day)).toISOString();
  return { version: { id, contractDigest: id, createTime, manifest }, folder: '' };
}

describe('ServeActiveModels', () => {
  let registered: RegisteredModel[];
  let active: Map<ModelKind, ActiveModel>;
  let loaded: ModelPair[];
  let told: ServedSince[];
  let serve: ServeActiveModels;

  beforeEach(() => {
    registered = [model('other', 'detector', 1), model('shipped', 'detector', 2), model('net', 'backbone', 1)];
    active = new Map();
    loaded = [];
    told = [];
    serve = new ServeActiveModels({
      registry: { list: () => Promise.resolve(registered) },
      active: {
        active: (kind) => Promise.resolve(active.get(kind)),
        choose: (kind, id) => {
          const chosen = active.get(kind) ?? { id, previousId: undefined, since };
          active.set(kind, chosen);
          return Promise.resolve(chosen);
        },
      },
      serving: {
        get served() {
          const pair = loaded.at(-1);
          return pair && servedModels(pair);
        },
        serve: (pair) => {
          loaded.push(pair);
          return Promise.resolve();
        },
      },
      preferred: { detector: 'shipped' },
      onServed: (served) => told.push(served),
    });
  });

  it('chooses what comes with SymFace at the first start, and says so once', async () => {
    await serve.execute();
    await serve.execute();
    const iso = since.toISOString();
    expect(told).toEqual([{ backbone: 'net', backboneSince: iso, detector: 'shipped', detectorSince: iso }]);
  });

  it.each(['detector', 'backbone'] as const)('goes on with what serves where a %s is imported', async (kind) => {
    await serve.execute();
    registered = [...registered, model('imported', kind, 9), model('older', kind, 0)];
    await serve.execute();
    expect(loaded).toHaveLength(1);
    // Nor at the next start, whatever the name.
    registered = [...registered, { ...model('shipped', kind, 10), folder: 'imported' }];
    const { backbone, detector } = await serve.activePair();
    expect([backbone.version.id, detector.version.id]).toEqual(['net', 'shipped']);
    expect(active.get('detector')?.id).toBe('shipped');
  });

  it('goes over where another is activated, and says since when', async () => {
    await serve.execute();
    const later = new Date('2026-02-01T00:00:00Z');
    active.set('detector', { id: 'other', previousId: 'shipped', since: later });
    await serve.execute();
    expect(told.at(-1)).toMatchObject({ detector: 'other', detectorSince: later.toISOString() });
    expect(await serve.activeSince()).toEqual(
      new Map([
        ['net', since],
        ['other', later],
      ]),
    );
  });
});
