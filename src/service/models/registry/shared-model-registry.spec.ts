import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyGraph as graph, tinyManifest as manifest } from '../../../../test/support/tiny-bundle.js';
import { tinyBackbone } from '../../../../test/support/tiny-models.js';
import { DirectoryArtifactStore } from '../../../storage/artifacts/directory-artifact-store.js';
import { FileModelRegistry } from '../../../storage/models/file-model-registry.js';
import { SharedModelRegistry } from './shared-model-registry.js';
import { sha256Hex } from '../../../storage/models/stored-version.js';

describe('SharedModelRegistry', () => {
  let folder: string;
  let refused: string[];
  const replica = (name: string): SharedModelRegistry =>
    new SharedModelRegistry(
      new FileModelRegistry(join(folder, name)),
      new DirectoryArtifactStore(join(folder, 'shared')),
      (id, error) => refused.push(`${id} ${(error as { reason?: string }).reason ?? ''}`),
    );

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-shared-'));
    refused = [];
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('gives other replicas what one has registered, with a copy of their own', async () => {
    const { stored } = await replica('a').register(manifest, new Map([['tiny.onnx', graph]]));
    const other = replica('b');
    const [byId, listed] = await Promise.all([other.get(stored.version.id), other.list()]);
    expect(byId.version.contractDigest).toBe(stored.version.contractDigest);
    expect(listed).toEqual([byId]);
    expect(byId.folder).toContain(join(folder, 'b'));
    expect(await readFile(join(byId.folder, 'tiny.onnx'))).toEqual(Buffer.from(graph));
  });

  it('knows nothing of a version that was not registered anywhere', async () => {
    await expect(replica('a').get('tiny-0123456789ab')).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' });
    expect(await replica('a').list()).toEqual([]);
  });

  it('refuses a version that was damaged on the way, once, and lists the others', async () => {
    const other = tinyBackbone({ weights: Array.from({ length: 12 }, () => 1) });
    const files = (content: Uint8Array) => new Map([['tiny.onnx', content]]);
    const first = replica('a');
    const { stored } = await first.register(manifest, files(graph));
    const whole = { ...manifest, graph: { fileName: 'tiny.onnx', sha256: sha256Hex(other) } };
    await first.register(whole, files(other));
    const contents = join(folder, 'shared', 'contents');
    for (const name of await readdir(contents)) {
      const content = await readFile(join(contents, name));
      if (!content.equals(graph)) continue;
      content[content.length - 5]! ^= 1;
      await writeFile(join(contents, name), content);
    }
    const registry = replica('b');
    expect(await registry.list()).toHaveLength(1);
    expect(await registry.list()).toHaveLength(1);
    expect(refused).toEqual([`${stored.version.id} ARTIFACT_DAMAGED`]);
  });
});
