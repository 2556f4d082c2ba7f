import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AuditLog } from '../../../src/service/access/audit/audit-log.js';
import {
  RegisteredModels,
  registeredModels,
} from '../../../src/service/models/registry/registered-models.js';
import { DirectoryArtifactStore } from '../../../src/storage/artifacts/directory-artifact-store.js';
import { ModelFiles } from '../../../src/storage/models/model-files.js';
import { sha256Hex } from '../../../src/storage/models/stored-version.js';
import { verifyBundle } from '../../../src/storage/models/verify-bundle.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { someCaller } from '../../support/enrolments.js';
import {
  tinyFiles as files,
  tinyGraph as graph,
  tinyManifest as manifest,
} from '../../support/tiny-bundle.js';
import { tinyBackbone } from '../../support/tiny-models.js';

describeOnEveryDatabase('registered models', (test) => {
  let folder: string;
  let leftOut: string[];
  const artifacts = (): DirectoryArtifactStore => new DirectoryArtifactStore(join(folder, 'shared'));
  const onLeftOut = (id: string, error: unknown): void => {
    leftOut.push(`${id} ${(error as { reason?: string }).reason ?? String(error)}`);
  };
  const replica = (name: string): RegisteredModels =>
    new RegisteredModels({
      database: test.database,
      files: new ModelFiles(join(folder, name)),
      artifacts: artifacts(),
      onLeftOut,
    });
  /** Where the database is embedded, the files of the folder are the only ones. */
  const alone = (): RegisteredModels =>
    new RegisteredModels({
      database: test.database,
      files: new ModelFiles(join(folder, 'a')),
      artifacts: undefined,
      onLeftOut,
    });
  const markDeleted = async (id: string): Promise<unknown> =>
    test.database.update(registeredModels, { id }, { deleteTime: () => 'now()' });
  const copies = async (name: string) => readdir(join(folder, name, 'models'));
  const other = tinyBackbone({ weights: Array.from({ length: 12 }, () => 1) });
  const otherManifest = { ...manifest, graph: { fileName: 'tiny.onnx', sha256: sha256Hex(other) } };
  const otherFiles = new Map([['tiny.onnx', other]]);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-registered-'));
    leftOut = [];
    await test.database.rows('DELETE FROM registered_models');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('give other replicas what one has registered, with a copy of their own', async () => {
    const { stored, created } = await replica('a').register(manifest, files);
    expect(created).toBe(true);
    const b = replica('b');
    const [byId, listed] = await Promise.all([b.get(stored.version.id), b.list()]);
    expect(byId.version).toEqual(stored.version);
    expect(listed).toEqual([byId]);
    expect(byId.folder).toContain(join(folder, 'b'));
    expect(await readFile(join(byId.folder, 'tiny.onnx'))).toEqual(Buffer.from(graph));
  });

  it('know nothing of a version that was not registered anywhere', async () => {
    await expect(replica('a').get('tiny-0123456789ab')).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' });
    await expect(replica('a').get('../a')).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' });
    expect(await replica('a').list()).toEqual([]);
  });

  it('have the same contract once, whatever it is called, also of replicas that register it at once', async () => {
    const registered = await Promise.all([
      replica('a').register(manifest, files),
      replica('b').register({ ...manifest, displayName: 'other' }, files),
    ]);
    expect(registered.map(({ created }) => created).sort()).toEqual([false, true]);
    const [a, b] = registered.map(({ stored }) => stored.version.id);
    expect(a).toBe(b);
    expect(await test.database.find(registeredModels)).toHaveLength(1);
  });

  it('are recorded with who imported them, once', async () => {
    const before = await newestEvent();
    await alone().register(otherManifest, otherFiles);
    expect(await newestEvent()).toEqual(before);
    const { stored } = await alone().register(manifest, files, someCaller);
    const event = await newestEvent();
    expect(event).toMatchObject({
      actor: someCaller.actor,
      action: 'model.import',
      target: `modelVersions/${stored.version.id}`,
      details: { contract_digest: stored.version.contractDigest },
    });
    await alone().register(manifest, files, someCaller);
    expect(await newestEvent()).toEqual(event);
  });

  it('take up what was prepared before there was a service', async () => {
    const prepared = await new ModelFiles(join(folder, 'a')).register(manifest, files);
    expect(await alone().list()).toEqual([prepared.stored]);
    // Also while the service runs.
    const registry = alone();
    await registry.list();
    const more = await new ModelFiles(join(folder, 'a')).register(otherManifest, otherFiles);
    expect(await registry.get(more.stored.version.id)).toEqual(more.stored);
    expect((await registry.list()).map(({ version }) => version)).toEqual([
      prepared.stored.version,
      more.stored.version,
    ]);
    expect(leftOut).toEqual([]);
  });

  it('share what was prepared at one replica', async () => {
    const { stored } = await new ModelFiles(join(folder, 'a')).register(manifest, files);
    await replica('a').list();
    expect((await replica('b').get(stored.version.id)).folder).toContain(join(folder, 'b'));
    // Prepared there too: nothing is to be fetched.
    await artifacts().remove(`models/${stored.version.id}/tiny.onnx`);
    await new ModelFiles(join(folder, 'c')).register(manifest, files);
    expect(await replica('c').list()).toHaveLength(1);
    expect(leftOut).toEqual([]);
  });

  it('leave out what was prepared and damaged since, name it once, and list the others', async () => {
    const prepared = new ModelFiles(join(folder, 'a'));
    const { stored } = await prepared.register(manifest, files);
    const whole = await prepared.register(otherManifest, otherFiles);
    await writeFile(join(stored.folder, 'version.json'), '{');
    const registry = alone();
    for (let look = 0; look < 2; look++) expect(await registry.list()).toEqual([whole.stored]);
    expect(leftOut).toEqual([`${stored.version.id} MODEL_INVALID`]);
    await expect(registry.get(stored.version.id)).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
  });

  it('leave out a version whose files are lost, until they are there again', async () => {
    const registry = alone();
    const { stored } = await registry.register(manifest, files);
    const { id } = stored.version;
    await rm(stored.folder, { recursive: true });
    expect(await registry.list()).toEqual([]);
    await expect(registry.get(id)).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
    expect(leftOut).toEqual([`${id} MODEL_INVALID`]);
    expect(await registry.register(manifest, files)).toMatchObject({ created: false, stored });
    expect(await registry.list()).toEqual([stored]);
    await verifyBundle(stored);
  });

  it('fetch anew what is lost or damaged at one replica', async () => {
    const a = replica('a');
    const { stored } = await a.register(manifest, files);
    for (const damage of [
      () => rm(stored.folder, { recursive: true }),
      () => writeFile(join(stored.folder, 'version.json'), '{'),
    ]) {
      await damage();
      expect(await a.list()).toEqual([stored]);
      await verifyBundle(stored);
    }
    expect(leftOut).toEqual([]);
  });

  it('leave out a version that was damaged on the way, name it once, and list the others', async () => {
    const a = replica('a');
    const { stored } = await a.register(manifest, files);
    await a.register(otherManifest, otherFiles);
    const contents = join(folder, 'shared', 'contents');
    for (const name of await readdir(contents)) {
      const content = await readFile(join(contents, name));
      if (!content.equals(graph)) continue;
      content[content.length - 5]! ^= 1;
      await writeFile(join(contents, name), content);
    }
    const b = replica('b');
    expect(await b.list()).toHaveLength(1);
    expect(await b.list()).toHaveLength(1);
    expect(leftOut).toEqual([`${stored.version.id} ARTIFACT_DAMAGED`]);
    await expect(b.get(stored.version.id)).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
  });

  it('remove every copy of what was deleted, here and of other replicas, as each looks', async () => {
    const [a, b] = [replica('a'), replica('b')];
    const { id } = (await a.register(manifest, files)).stored.version;
    expect((await b.get(id)).version.id).toBe(id);
    await markDeleted(id);
    expect(await a.deletedIds()).toEqual(new Set([id]));
    expect(await a.list()).toEqual([]);
    expect(await copies('a')).toEqual([]);
    expect(await artifacts().list('models/')).toEqual([]);
    expect(await copies('b')).toEqual([id]);
    await expect(b.get(id)).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' });
    expect(await b.list()).toEqual([]);
    expect(await copies('b')).toEqual([]);
    expect(leftOut).toEqual([]);
  });

  it('take a version back that is registered again, also where another name of it is left', async () => {
    const [a, b] = [replica('a'), replica('b')];
    const { stored } = await a.register(manifest, files);
    await b.list();
    await markDeleted(stored.version.id);
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

  it('take over what was registered again, also where they could not while it was being deleted', async () => {
    const [a, b] = [replica('a'), replica('b')];
    const { id } = (await a.register(manifest, files)).stored.version;
    // The version is still there for b, and a file of it is not.
    await artifacts().remove(`models/${id}/tiny.onnx`);
    expect(await b.list()).toEqual([]);
    expect(leftOut).toEqual([`${id} ARTIFACT_NOT_FOUND`]);
    await markDeleted(id);
    await Promise.all([a.list(), b.list()]);
    await a.register(manifest, files);
    expect((await b.get(id)).version.id).toBe(id);
  });

  it('are taken over once more where they were registered again elsewhere, perhaps with other file names', async () => {
    const [a, b] = [replica('a'), replica('b')];
    const { id } = (await a.register(manifest, files)).stored.version;
    await b.list();
    await markDeleted(id);
    await a.list();
    const renamed = { ...manifest, graph: { ...manifest.graph, fileName: 'renamed.onnx' } };
    expect((await a.register(renamed, new Map([['renamed.onnx', graph]]))).created).toBe(true);
    expect((await a.deletedIds()).size).toBe(0);
    // Its copy of the former one is still there.
    const stored = await b.get(id);
    expect(stored.folder).toContain(join(folder, 'b'));
    await verifyBundle(stored);
  });

  async function newestEvent() {
    const [event] = await new AuditLog(test.database).list({ limit: 1, after: undefined });
    return event;
  }
});
