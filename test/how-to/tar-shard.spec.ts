import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { identityDataset } from '../../src/datasets/identities/identity-formats.js';
import { tarShard } from './tar-shard.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-tar-'));
  path = join(folder, 'faces.tar');
  for (const identity of ['bob', 'ada']) await mkdir(join(folder, 'faces', identity), { recursive: true });
  await writeFile(join(folder, 'faces/ada/1.jpg'), 'ada, first');
  await writeFile(join(folder, 'faces/bob/1.jpg'), Buffer.alloc(1000, 'bob'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('a tar archive of faces', () => {
  it('names images and whom they show, and finds their bytes', async () => {
    execFileSync('tar', ['-cf', path, '-C', join(folder, 'faces'), 'bob', 'ada']);
    const faces = await tarShard.open({ path });
    const dataset = identityDataset(faces);
    expect(dataset.images).toEqual([
      { name: 'bob/1.jpg', identity: 'bob' },
      { name: 'ada/1.jpg', identity: 'ada' },
    ]);
    expect(Buffer.from(await dataset.read(1)).toString()).toBe('ada, first');
    expect(Buffer.from(await dataset.read(0))).toEqual(Buffer.alloc(1000, 'bob'));
    expect(faces.faceNamed('ada/1.jpg')).toBe(1);
    expect(faces.identities[faces.identityOf(1)]).toBe('ada');
  });

  it('says what is wrong with what is none', async () => {
    await expect(tarShard.open({ path })).rejects.toThrow('faces.tar: cannot be read');
    await writeFile(path, Buffer.alloc(1024, 'x'));
    await expect(tarShard.open({ path })).rejects.toThrow('is no header of tar');
    await writeFile(path, Buffer.alloc(1024));
    await expect(tarShard.open({ path })).rejects.toThrow('holds no image');
  });
});
