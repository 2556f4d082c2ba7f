import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collected, itStoresArtifacts, pieces } from '../../../test/support/artifact-contract.js';
import { killWriterOf } from '../../../test/support/killed-artifact-writer.js';
import { DirectoryArtifactStore } from './directory-artifact-store.js';

const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);

describe('DirectoryArtifactStore', () => {
  let folder: string;
  let store: DirectoryArtifactStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-artifacts-'));
    store = new DirectoryArtifactStore(folder);
  });
  afterEach(async () => rm(folder, { recursive: true }));

  const contents = async (): Promise<string[]> =>
    (await readdir(join(folder, 'contents'))).map((name) => join(folder, 'contents', name));

  itStoresArtifacts(() => store);

  it('refuses a flipped byte, a missing end and a lost content', async () => {
    await store.write('a', pieces(Buffer.from('content')));
    const [path] = (await contents()) as [string];
    const damaged = Buffer.from('content');
    damaged[3]! ^= 1;
    await writeFile(path, damaged);
    await expect(collected(store.read('a'))).rejects.toMatchObject({ reason: 'ARTIFACT_DAMAGED' });
    await writeFile(path, 'conten');
    await expect(collected(store.read('a'))).rejects.toMatchObject({ reason: 'ARTIFACT_DAMAGED' });
    await rm(path);
    await expect(collected(store.read('a'))).rejects.toMatchObject({ reason: 'ARTIFACT_NOT_FOUND' });
  });

  it('refuses a damaged record, without keeping others from being written or itself from being replaced', async () => {
    await store.write('a', pieces(Buffer.from('content')));
    await writeFile(join(folder, 'names', 'a.json'), '{"content":');
    await expect(collected(store.read('a'))).rejects.toMatchObject({ reason: 'ARTIFACT_DAMAGED' });
    await store.write('b', pieces(Buffer.from('b')));
    expect((await store.list('')).map(({ name }) => name)).toEqual(['b']);
    await store.write('a', pieces(Buffer.from('again')));
    expect(String(await collected(store.read('a')))).toBe('again');
  });

  it('has nothing of a writer that was killed, and removes what it left once that is old', async () => {
    await killWriterOf('directory', folder, 'a');
    expect(await store.list('')).toEqual([]);
    await expect(collected(store.read('a'))).rejects.toMatchObject({ reason: 'ARTIFACT_NOT_FOUND' });
    const left = (await contents()) as [string];
    expect((await readFile(left[0])).length).toBeGreaterThan(5 << 20);
    await store.write('b', pieces(Buffer.from('b')));
    expect(await contents()).toHaveLength(2);
    await utimes(left[0], longAgo, longAgo);
    await store.write('c', pieces(Buffer.from('c')));
    expect(await contents()).toHaveLength(2);
    expect(String(await collected(store.read('b')))).toBe('b');
  });

  it('keeps what it has put in place where the content before it cannot be removed', async () => {
    await store.write('a', pieces(Buffer.from('before')));
    const [before] = (await contents()) as [string];
    await rm(before);
    await mkdir(before);
    await expect(store.write('a', pieces(Buffer.from('after')))).rejects.toThrow();
    expect(String(await collected(store.read('a')))).toBe('after');
  });

  it('says that the disk is full, and leaves nothing', async () => {
    async function* full(): AsyncGenerator<Uint8Array> {
      yield Promise.resolve(Buffer.from('begun'));
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    }
    await expect(store.write('a', full())).rejects.toMatchObject({ reason: 'STORAGE_FULL' });
    expect(await contents()).toEqual([]);
  });
});
