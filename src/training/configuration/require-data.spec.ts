import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireData } from './require-data.js';
import { readTrainingConfiguration } from './training-configuration.js';

const recipe = 'recipes/experiments/small-base.yaml';

it('says where the data of a recipe was looked for, and how another place is named', async () => {
  const located = await readTrainingConfiguration(recipe, ['data.path=/nowhere/faces']);
  await expect(requireData(located, true)).rejects.toThrow(
    /no data at \/nowhere\/faces \(data\.path; ENOENT\).*--set data\.path=/u,
  );
});

it('takes data that is there', async () => {
  await expect(
    requireData(await readTrainingConfiguration(recipe, ['data.path=src']), true),
  ).resolves.toBeUndefined();
});

describe('a recipe of records with benchmarks', () => {
  const records = 'recipes/paper/lightweight.yaml';
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-data-'));
    await writeFile(join(folder, 'train.rec'), '');
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('names all that is missing at once, the index beside the records too', async () => {
    const located = await readTrainingConfiguration(records, [`data.path=${join(folder, 'train.rec')}`]);
    const failure: unknown = await requireData(located, true).catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: 'DATASET_INVALID' });
    const missing = [...String(failure).matchAll(/at (\S+) \(([^;]+); ENOENT\)/gu)];
    expect(missing.map(([, path = '', namedBy]) => [basename(path), namedBy])).toEqual([
      ['train.idx', 'beside that'],
      ['lfw.bin', 'benchmark lfw.path'],
      ['agedb_30.bin', 'benchmark agedb.path'],
    ]);
  });

  it('asks no process for benchmarks that another measures on', async () => {
    const located = await readTrainingConfiguration(records, [`data.path=${join(folder, 'train.rec')}`]);
    await expect(requireData(located, false)).rejects.toThrow(
      /^There is no data at \S+train\.idx \([^)]*\)\. /u,
    );
  });
});
