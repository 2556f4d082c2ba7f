import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import { identityDataset } from '../identity-formats.js';
import { identityList } from './identity-list.js';

let folder: string;
let list: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-list-'));
  list = join(folder, 'identities.tsv');
  await mkdir(join(folder, 'images'));
  for (const name of ['1.jpg', '2.jpg']) await writeFile(join(folder, 'images', name), `image ${name}`);
});

afterEach(() => rm(folder, { recursive: true }));

const read = async () =>
  identityDataset(await identityList.open({ path: list, imageFolder: join(folder, 'images') }));

async function messageOf(text: string): Promise<string> {
  await writeFile(list, text);
  const outcome: unknown = await read().catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(Failure);
  expect(outcome).toMatchObject({ reason: 'DATASET_INVALID' });
  return (outcome as Failure).message;
}

describe('a list of images', () => {
  it.each([
    ['tabs', 'file\tidentity\n2.jpg\tada\n1.jpg\tbob\n'],
    [
      'commas, other columns, a byte order mark and no last newline',
      '\uFEFFage,identity,file\r\n9,ada,2.jpg\r\n,bob,1.jpg',
    ],
  ])('reads a table with %s', async (_, text) => {
    await writeFile(list, text);
    const dataset = await read();
    expect(dataset.images).toMatchObject([
      { name: '2.jpg', identity: 'ada' },
      { name: '1.jpg', identity: 'bob' },
    ]);
    expect(Buffer.from(await dataset.read(1)).toString()).toBe('image 1.jpg');
  });

  it('finds files beside the list', async () => {
    await writeFile(list, 'file\tidentity\nimages/1.jpg\tada\n');
    const dataset = identityDataset(await identityList.open({ path: list }));
    expect(Buffer.from(await dataset.read(0)).toString()).toBe('image 1.jpg');
  });

  it.each([
    ['file\tperson\n1.jpg\tada\n', 'line 1: lacks the columns identity'],
    ['file\tidentity\n1.jpg\t\n', 'line 2: must hold a file and an identity'],
    ['file\tidentity\n1.jpg\tada\n\n3.jpg\tada\n', 'line 4: names an image that is not there: 3.jpg'],
    ['file\tidentity\n1.jpg\tada\n1.jpg\tbob\n', 'line 3: names 1.jpg again, after line 2'],
    ['file\tidentity\n../identities.tsv\tada\n', 'line 2: names an image outside of the data set'],
    ['file\tidentity\n', 'holds no image'],
    ['file\tidentity\n1.jpg\tada\tmore\n', 'is no table'],
  ])('refuses %j', async (text, message) => {
    expect(await messageOf(text)).toContain(message);
  });
});
