import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import { identityDataset } from '../identity-formats.js';
import { countPassedOver } from '../passed-over.js';
import { identityFolder } from './identity-folder.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-identities-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function write(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), `image ${name}`);
  }
}

async function failureOf(reading: Promise<unknown>): Promise<Failure> {
  const outcome: unknown = await reading.catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(Failure);
  return outcome as Failure;
}

const read = async (path: string, subfolder?: string) =>
  identityDataset(await identityFolder.open({ path, ...(subfolder === undefined ? {} : { subfolder }) }));

describe('a folder of identities', () => {
  it('names images by their path, and whom they show by the first folder', async () => {
    await write('b/2.JPG', 'b/1.png', 'b/notes.txt', 'a/frontal/01.jpg', 'beside.jpg', 'tags.jsonl');
    const dataset = await read(folder);
    expect(dataset.images).toEqual([
      { name: 'a/frontal/01.jpg', identity: 'a' },
      { name: 'b/1.png', identity: 'b' },
      { name: 'b/2.JPG', identity: 'b' },
    ]);
    expect(Buffer.from(await dataset.read(0)).toString()).toBe('image a/frontal/01.jpg');
  });

  it('takes one folder of each identity where that is asked for', async () => {
    await write('a/frontal/1.jpg', 'a/profile/1.jpg', 'b/profile/1.jpg', 'c/1.jpg');
    const { images } = await read(folder, 'profile');
    expect(images.map(({ name }) => name)).toEqual(['a/profile/1.jpg', 'b/profile/1.jpg']);
  });

  it('follows a link to an identity, but takes no folder for two', async () => {
    await write('set/a/1.jpg', 'elsewhere/1.jpg');
    await symlink(join(folder, 'elsewhere'), join(folder, 'set/linked'));
    await symlink(join(folder, 'set/a'), join(folder, 'set/b'));
    const { images } = await read(join(folder, 'set'));
    expect(images.map(({ name }) => name)).toEqual(['a/1.jpg', 'linked/1.jpg']);
  });

  it('takes copies in checkpoints of notebooks for no identity, and counts what it leaves out', async () => {
    await write(
      'a/1.jpg',
      'b/1.jpg',
      '.ipynb_checkpoints/1-checkpoint.jpg',
      'b/._1.jpg',
      'beside.jpg',
      'b/x.txt',
    );
    await write('b/profile/2.jpg');
    const counted = async (subfolder?: string) => {
      const faces = await identityFolder.open({ path: folder, ...(subfolder && { subfolder }) });
      return [faces.identities, faces.faceCount, countPassedOver(faces.passedOver)];
    };
    const beside = { 'system-file': 2, 'not-an-image': 1, 'no-identity': 1 };
    expect(await counted()).toEqual([['a', 'b'], 3, beside]);
    expect(await counted('profile')).toEqual([['b'], 1, { ...beside, 'other-folder': 2 }]);
  });

  it('says what is wrong with what is no such folder', async () => {
    await write('flat.jpg');
    await mkdir(join(folder, 'empty'));
    const flat = await failureOf(read(folder));
    expect(flat).toMatchObject({ reason: 'DATASET_INVALID' });
    expect(flat.message).toContain('holds no image; IDENTITY/image.jpg is expected');
    expect((await failureOf(read(join(folder, 'flat.jpg')))).message).toContain('is no folder');
    expect((await failureOf(read(join(folder, 'none')))).message).toContain('none: cannot be read');
  });

  it('names an image that went missing', async () => {
    await write('a/1.jpg');
    const dataset = await read(folder);
    await rm(join(folder, 'a'), { recursive: true });
    expect((await failureOf(dataset.read(0))).message).toContain('a/1.jpg: cannot be read');
  });
});
