import { mkdir, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { arcFacePreset, retinaFacePreset } from '../../core/models/presets.js';
import type { BackboneManifest, DetectorManifest } from '../../core/models/manifest.js';
import { ModelFiles } from './model-files.js';
import { sha256Hex } from './stored-version.js';
import { verifyBundle } from './verify-bundle.js';

const graph = new TextEncoder().encode('a graph');
const files = new Map([['net.onnx', graph]]);
const described = { license: 'MIT', source: 'made up' };

function backbone(overrides: Partial<BackboneManifest> = {}): BackboneManifest {
  return {
    ...arcFacePreset({ dimension: 128 }),
    ...described,
    displayName: 'tiny-net',
    graph: { fileName: 'net.onnx', sha256: sha256Hex(graph) },
    ...overrides,
  };
}

function detector(): DetectorManifest {
  const graphs = { detector: { fileName: 'net.onnx', sha256: sha256Hex(graph) } };
  return { ...retinaFacePreset, ...described, displayName: 'finder', graphs };
}

describe('ModelFiles', () => {
  let dataDirectory: string;
  let registry: ModelFiles;

  beforeEach(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'symface-registry-'));
    registry = new ModelFiles(dataDirectory);
  });

  afterEach(() => rm(dataDirectory, { recursive: true }));

  it('is empty where nothing was registered', async () => {
    expect(await registry.list()).toEqual([]);
    await expect(registry.get('tiny-net-0123456789ab')).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' });
  });

  it('reads back what it registered, in another instance', async () => {
    const { stored, created } = await registry.register(backbone(), files);
    expect(created).toBe(true);
    expect(stored.version.id).toBe(`tiny-net-${stored.version.contractDigest.slice(0, 12)}`);
    expect(await readFile(join(stored.folder, 'net.onnx'))).toEqual(Buffer.from(graph));
    expect(await new ModelFiles(dataDirectory).list()).toEqual([stored]);
    await verifyBundle(stored);
  });

  it('knows the same contract again under another name, licence, file name and threshold', async () => {
    const { stored } = await registry.register(backbone(), files);
    const again = await registry.register(
      backbone({
        displayName: 'other',
        license: 'Apache-2.0',
        graph: { fileName: 'renamed.onnx', sha256: sha256Hex(graph) },
        similarityThreshold: { similarity: 0.3, description: 'measured later' },
      }),
      new Map([['renamed.onnx', graph]]),
    );
    expect(again).toEqual({ stored, created: false });
  });

  it('makes a new version of every change to what is computed', async () => {
    const base = backbone();
    await registry.register(base, files);
    const flipless = { dimension: 128, testTimeAugmentation: 'none' } as const;
    const changes: Partial<BackboneManifest>[] = [
      { embedding: flipless },
      { input: { ...base.input, channelOrder: 'BGR' } },
      { input: { ...base.input, scale: [127.5, 127.5, 127.5] } },
    ];
    for (const change of changes) {
      expect((await registry.register(backbone(change), files)).created).toBe(true);
    }
    expect(await registry.list()).toHaveLength(1 + changes.length);
  });

  it.each([
    ['altered bytes', new Map([['net.onnx', new Uint8Array(3)]]), /net\.onnx/],
    ['a missing file', new Map<string, Uint8Array>(), /net\.onnx .*missing/],
    ['a file too many', new Map([...files, ['other.onnx', graph]]), /other\.onnx/],
  ])('refuses %s and keeps nothing', async (_case, given, message) => {
    await expect(registry.register(backbone(), given)).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringMatching(message) as string,
    });
    expect(await registry.list()).toEqual([]);
  });

  it('notices an altered graph and an altered record', async () => {
    const { stored } = await registry.register(backbone(), files);
    await writeFile(join(stored.folder, 'net.onnx'), 'something else');
    await expect(verifyBundle(stored)).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      metadata: { fileName: 'net.onnx' },
    });
    const recordPath = join(stored.folder, 'version.json');
    await writeFile(recordPath, (await readFile(recordPath, 'utf8')).replace('"MIT"', '"0BSD"'));
    await expect(registry.get(stored.version.id)).rejects.toThrow(/altered/);
  });

  it('lists the other versions where one is damaged, which is written anew where it is registered again', async () => {
    const { stored } = await registry.register(backbone(), files);
    const other = await registry.register(detector(), files);
    await writeFile(join(stored.folder, 'version.json'), '{');
    expect(await registry.list()).toEqual([other.stored]);
    await expect(registry.get(stored.version.id)).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
    const again = await registry.register(backbone(), files);
    expect(again).toMatchObject({ created: true, stored: { version: { id: stored.version.id } } });
    expect(await registry.list()).toHaveLength(2);
  });

  it('registers once where many do it at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => registry.register(backbone(), files)));
    expect(results.filter(({ created }) => created)).toHaveLength(1);
    expect(await registry.list()).toHaveLength(1);
    expect(await readdir(join(dataDirectory, 'models'))).toHaveLength(1);
  });

  it('shows nothing of a bundle that was not finished, and clears it away later', async () => {
    const abandoned = join(dataDirectory, 'models', '.incoming-of-a-dead-process');
    await mkdir(abandoned, { recursive: true });
    await writeFile(join(abandoned, 'net.onnx'), graph.subarray(0, 3));
    expect(await registry.list()).toEqual([]);
    const longAgo = new Date(Date.now() - 24 * 60 * 60 * 1000);
    await utimes(abandoned, longAgo, longAgo);
    await registry.register(backbone(), files);
    await expect(stat(abandoned)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
