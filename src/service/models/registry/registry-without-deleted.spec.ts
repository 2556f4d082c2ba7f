import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyFiles as files, tinyManifest as manifest } from '../../../../test/support/tiny-bundle.js';
import type { ModelDeletionStore } from './model-deletion-store.js';
import { DirectoryArtifactStore } from '../../../storage/artifacts/directory-artifact-store.js';
import { FileModelRegistry } from '../../../storage/models/file-model-registry.js';
import { RegistryWithoutDeleted } from './registry-without-deleted.js';
import { SharedModelRegistry } from './shared-model-registry.js';

describe('RegistryWithoutDeleted', () => {
  let folder: string;
  let deletedIds: Set<string>;
  let left: string[];
  const deletions: Pick<ModelDeletionStore, 'deletedIds' | 'restore' | 'whileDeleted'> = {
    deletedIds: () => Promise.resolve(deletedIds),
    restore: (id) => {
      deletedIds.delete(id);
      return Promise.resolve();
    },
    whileDeleted: async (id, work) => (deletedIds.has(id) ? work() : undefined),
  };
  const artifacts = (): DirectoryArtifactStore => new DirectoryArtifactStore(join(folder, 'shared'));
  const replica = (name: string): RegistryWithoutDeleted => {
    const own = new FileModelRegistry(join(folder, name));
    const shared = new SharedModelRegistry(own, artifacts(), (id) => left.push(id));
    return new RegistryWithoutDeleted(shared, deletions, (id, error) => left.push(`${id} ${String(error)}`));
  };
  const copies = async (name: string) => readdir(join(folder, name, 'models'));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-deleted-'));
    [deletedIds, left] = [new Set(), []];
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('removes every copy of what was deleted, here and of other replicas, as each looks', async () => {
    const [a, b] = [replica('a'), replica('b')];
    const { stored } = await a.register(manifest, files);
    const { id } = stored.version;
    expect((await b.get(id)).version.id).toBe(id);
    deletedIds.add(id);
    await expect(b.get(id)).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' });
    expect(await a.list()).toEqual([]);
    expect(await copies('a')).toEqual([]);
    expect(await artifacts().list('models/')).toEqual([]);
    expect(await copies('b')).toEqual([id]);
    expect(await b.list()).toEqual([]);
    expect(await copies('b')).toEqual([]);
    expect(left).toEqual([]);
  });

  it('takes a version back that is registered again, also where another name of it is left', async () => {
    const [a, b] = [replica('a'), replica('b')];
    const { stored } = await a.register(manifest, files);
    await b.list();
    deletedIds.add(stored.version.id);
    await b.list();
    const again = await a.register({ ...manifest, displayName: 'other' }, files);
    expect(again).toMatchObject({
      created: true,
      stored: { version: { manifest: { displayName: 'other' } } },
    });
    const first = await a.register(manifest, files);
    // The same contract is one version, whatever it is called.
    expect(first.stored.version.id).toBe(again.stored.version.id);
    expect((await b.list()).map(({ version }) => version.id)).toEqual([again.stored.version.id]);
    expect(await copies('b')).toEqual([again.stored.version.id]);
  });

  it('takes over what was registered again, also where it could not while it was being deleted', async () => {
    const [a, b] = [replica('a'), replica('b')];
    const { id } = (await a.register(manifest, files)).stored.version;
    // The manifest is still there for b, and a file of it is not.
    await artifacts().remove(`models/${id}/tiny.onnx`);
    expect(await b.list()).toEqual([]);
    expect(left).toEqual([id]);
    deletedIds.add(id);
    await Promise.all([a.list(), b.list()]);
    await a.register(manifest, files);
    expect((await b.get(id)).version.id).toBe(id);
  });

  it('takes the same version over once more where it was registered again elsewhere', async () => {
    const [a, b] = [replica('a'), replica('b')];
    const { id } = (await a.register(manifest, files)).stored.version;
    await b.list();
    deletedIds.add(id);
    await Promise.all([a.list(), b.list()]);
    expect((await a.register(manifest, files)).created).toBe(true);
    expect(deletedIds.size).toBe(0);
    expect((await b.get(id)).folder).toContain(join(folder, 'b'));
  });
});
