import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDataset } from '../verification-formats.js';
import { identityFolder } from './identity-folder.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-folder-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function write(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), `image ${name}`);
  }
}

const read = async () =>
  readDataset({ format: identityFolder.name, path: folder, imageFolder: '', imageKind: 'photograph' });

describe('a folder of identities as a verification protocol', () => {
  it('names whom each image shows, and draws pairs of both kinds, the same each time', async () => {
    await write('ada/1.jpg', 'ada/2.jpg', 'ada/old/3.jpg', 'bob/1.png', 'bob/2.png', 'cyd/1.jpg');
    const dataset = await read();
    const { images, pairs, foldCount } = dataset;
    expect(images.map(({ name, identity }) => [name, identity])).toEqual([
      ['ada/1.jpg', 'ada'],
      ['ada/2.jpg', 'ada'],
      ['ada/old/3.jpg', 'ada'],
      ['bob/1.png', 'bob'],
      ['bob/2.png', 'bob'],
      ['cyd/1.jpg', 'cyd'],
    ]);
    // Of 4 genuine and 11 impostor pairs as many of each.
    const named = pairs.map(({ first, second }) => [images[first]?.identity, images[second]?.identity]);
    expect(pairs.filter(({ genuine }) => genuine)).toHaveLength(4);
    expect(pairs).toHaveLength(8);
    expect(pairs.map(({ genuine }) => genuine)).toEqual(named.map(([a, b]) => a === b));
    expect(new Set(pairs.map(({ first, second }) => `${first} ${second}`)).size).toBe(8);
    expect(foldCount).toBe(8);
    expect(Buffer.from(await dataset.read(2)).toString()).toBe('image ada/old/3.jpg');
    expect((await read()).pairs).toEqual(pairs);
    expect(dataset.passedOver).toBeUndefined();
  });

  it('says what it passes over', async () => {
    await write('ada/1.jpg', 'ada/2.jpg', 'bob/1.jpg', 'bob/notes.txt', 'list.csv');
    const { images, passedOver } = await read();
    expect(images).toHaveLength(3);
    expect(passedOver).toMatch(/^2 files passed over: .*bob\/notes\.txt/u);
  });

  it.each([[['ada/1.jpg', 'ada/2.jpg']], [['ada/1.jpg', 'bob/1.jpg']]])(
    'says what a folder of %s lacks',
    async (names) => {
      await write(...names);
      await expect(read()).rejects.toMatchObject({
        reason: 'DATASET_INVALID',
        message: expect.stringMatching(/holds 2 images of [12] identities; it takes two/u) as string,
      });
    },
  );
});
