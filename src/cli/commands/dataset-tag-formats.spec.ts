import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatasetTagging, tagLines } from '../../../test/support/dataset-tagging.js';
import { writeInsightFaceRecords } from '../../../test/support/record-io-writer.js';

let tagging: DatasetTagging;

beforeEach(async () => {
  tagging = await DatasetTagging.inNewFolder();
});

afterEach(async () => {
  await tagging.remove();
});

describe('symface dataset tag of each format', () => {
  it('reads lists as benchmarks do, and writes beside them', async () => {
    const list = await tagging.write('pairs.csv', 'image_a,image_b,same\nx.jpg,y.jpg,1\n');
    await tagging.write('images/x.jpg');
    await tagging.write('images/y.jpg');
    const args = [list, '--format', 'csv', '--images', join(tagging.folder, 'images'), '--aligned'];
    expect(
      (
        await tagging.tag(
          tagging.detecting(() => ({})),
          ...args,
        )
      ).exitCode,
    ).toBe(0);
    expect(await tagLines(`${list}.tags.jsonl`)).toMatchObject([
      { format: 'pairs-csv', imageKind: 'aligned-crop' },
      { image: expect.stringMatching(/^[xy]\.jpg$/u) as string },
      {},
    ]);
  });

  it.each([
    {
      args: ['.', '--format', 'zip'],
      says: /Allowed choices are cfp-ff, cfp-fp, cross-lfw, bin, lfw, csv, identities,/u,
    },
    { args: ['no-such', '--format', 'identities'], says: /no-such: cannot be read/u },
    {
      args: ['package.json', '--format', 'bin'],
      says: /package\.json, offset \d+: is no file of face pairs/u,
    },
    { args: ['src', '--format', 'identities', '--images', 'x'], says: /--images goes with lists/u },
    { args: ['x.csv', '--format', 'csv', '--subfolder', 'x'], says: /--subfolder goes with/u },
    { args: ['src', '--format', 'identities'], says: /src: holds no image; IDENTITY\/image\.jpg/u },
  ])('says what is wrong with $args', async ({ args, says }) => {
    const { exitCode, err } = await tagging.tag(
      tagging.detecting(() => ({})),
      ...args,
    );
    expect(exitCode).toBe(2);
    expect(err).toMatch(says);
  });

  it("tags InsightFace's records, in a file beside them", async () => {
    const path = join(tagging.folder, 'train.rec');
    await writeInsightFaceRecords(path, [[Buffer.from('one'), Buffer.from('two')], [Buffer.from('three')]]);
    const { exitCode } = await tagging.tag(
      tagging.detecting(() => ({})),
      path,
      '--format',
      'recordio',
    );
    expect(exitCode).toBe(0);
    expect([...tagging.sent].sort()).toEqual(['one', 'three', 'two']);
    const [header, ...tags] = await tagLines(`${path}.tags.jsonl`);
    expect(header).toMatchObject({ format: 'insightface-records', imageKind: 'aligned-crop' });
    expect(tags.map((line) => line['image']).sort()).toEqual(['record 1', 'record 2', 'record 3']);
  });

  it('tags a list of identities', async () => {
    await tagging.write('images/1.jpg');
    await tagging.write('images/2.jpg');
    const list = await tagging.write('identities.tsv', 'file\tidentity\n1.jpg\tada\n2.jpg\tbob\n');
    const images = ['--images', join(tagging.folder, 'images')];
    const { exitCode } = await tagging.tag(
      tagging.detecting(() => ({})),
      list,
      '--format',
      'list',
      ...images,
    );
    expect(exitCode).toBe(0);
    const [header, ...tags] = await tagLines(`${list}.tags.jsonl`);
    expect(header).toMatchObject({ format: 'identity-list', imageKind: 'photograph' });
    expect(tags.map((line) => line['image']).sort()).toEqual(['1.jpg', '2.jpg']);
  });

  it('names an image of a list that is not there', async () => {
    const list = await tagging.write('pairs.csv', 'image_a,image_b,same\nx.jpg,y.jpg,1\n');
    await tagging.write('x.jpg');
    const { exitCode, err } = await tagging.tag(
      tagging.detecting(() => ({})),
      list,
      '--format',
      'csv',
    );
    expect(exitCode).toBe(2);
    expect(err).toContain('pairs.csv, line 2: names an image that is not there: y.jpg');
    expect(tagging.sent).toEqual([]);
  });
});
