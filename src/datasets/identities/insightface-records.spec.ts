import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  imageRecord,
  partOf,
  recordOf,
  writeInsightFaceRecords,
  writeRecords,
} from '../../../test/support/record-io-writer.js';
import { Failure } from '../../core/failure.js';
import { findInsightFaceRecords, keyOfRecordName, recordName } from './insightface-records.js';
import { insightfaceRecords } from './formats/insightface-records.js';
import { identityDataset } from './identity-formats.js';
import { RecordIoFile } from './record-io.js';

const magic = Buffer.from([0x0a, 0x23, 0xd7, 0xce]);
const image = (text: string) => Buffer.from(text);

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-records-'));
  path = join(folder, 'train.rec');
});

afterEach(() => rm(folder, { recursive: true }));

async function failureOf(reading: Promise<unknown>): Promise<Failure> {
  const outcome: unknown = await reading.catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(Failure);
  expect(outcome).toMatchObject({ reason: 'DATASET_INVALID' });
  return outcome as Failure;
}

const messageOf = async (reading: Promise<unknown>) => (await failureOf(reading)).message;

async function cutFile(file: string, bytes: number): Promise<void> {
  await writeFile(file, (await readFile(file)).subarray(0, bytes));
}

describe('InsightFace records', () => {
  it('are those that Python wrote, with the magic in their data', async () => {
    const golden = JSON.parse(
      readFileSync(new URL('../../../test/numerics/golden/recordio.json', import.meta.url), 'utf8'),
    ) as { rec: string; idx: string; faces: { key: number; label: number; content: string }[] };
    await writeFile(path, Buffer.from(golden.rec, 'base64'));
    await writeFile(join(folder, 'train.idx'), golden.idx);
    const found = await findInsightFaceRecords(path);
    expect([...found.keys]).toEqual(golden.faces.map(({ key }) => key));
    expect([...found.classes]).toEqual(golden.faces.map(({ label }) => label));
    expect(found.classLabels).toEqual([0, 1, 2]);
    const dataset = identityDataset(await insightfaceRecords.open({ path }));
    for (const [index, { key, label, content }] of golden.faces.entries()) {
      expect(dataset.images[index]).toEqual({ name: `record ${key}`, identity: String(label) });
      expect(Buffer.from(await dataset.read(index)).toString('base64')).toBe(content);
    }
  });

  it('come back as they were written, whatever they hold', async () => {
    const word = fc.oneof(
      fc.constant(magic),
      fc.uint8Array({ maxLength: 7 }).map((bytes) => Buffer.from(bytes)),
    );
    const data = fc.array(word, { maxLength: 12 }).map((words) => Buffer.concat(words));
    await fc.assert(
      fc.asyncProperty(fc.array(data, { minLength: 1, maxLength: 8 }), async (records) => {
        await writeRecords(path, records);
        const lines = (await readFile(join(folder, 'train.idx'), 'utf8')).trim().split('\n');
        const file = await RecordIoFile.open(path);
        for (const [key, record] of records.entries()) {
          const offset = Number(lines[key]?.split('\t')[1]);
          expect(Buffer.compare(await file.read({ key, offset }), record)).toBe(0);
        }
        await file.close();
      }),
      { numRuns: 60 },
    );
  });

  it('are larger than one read of the file', async () => {
    const large = Buffer.alloc(100_001, 'large');
    await writeInsightFaceRecords(path, [[large, image('small')]]);
    const dataset = identityDataset(await insightfaceRecords.open({ path }));
    expect(Buffer.compare(Buffer.from(await dataset.read(0)), large)).toBe(0);
    expect(Buffer.from(await dataset.read(1)).toString()).toBe('small');
  });

  it('are all faces where record 0 is one, and may have labels of their own', async () => {
    await writeRecords(path, [
      imageRecord(1, image('a')),
      imageRecord([0, 7], image('b')),
      imageRecord(2, image('c')),
    ]);
    const found = await findInsightFaceRecords(path);
    expect([...found.keys]).toEqual([0, 1, 2]);
    expect([...found.classes]).toEqual([1, 0, 2]);
    expect((await insightfaceRecords.open({ path })).remarks).toEqual([]);
  });

  it('have names for their tags', () => {
    expect(keyOfRecordName(recordName(5_800_000))).toBe(5_800_000);
    expect(keyOfRecordName('a/1.jpg')).toBeUndefined();
  });

  it.each([
    { labels: [2, 7, 4, 7], classes: [0, 2, 1, 2], says: 'the labels 2 to 7, with 3 left out,' },
    { labels: [1, 2, 3, 3], classes: [0, 1, 2, 2], says: 'the labels 1 to 3, without a gap,' },
  ])('count classes through where labels are $labels, and say so', async ({ labels, classes, says }) => {
    await writeRecords(
      path,
      labels.map((label, index) => imageRecord(label, image(`face ${index}`))),
    );
    const faces = await insightfaceRecords.open({ path });
    expect(labels.map((_, face) => faces.identityOf(face))).toEqual(classes);
    expect(faces.remarks).toEqual([`train.rec: ${says} are trained as the classes 0 to 2 in their order`]);
    const dataset = identityDataset(faces);
    // By their own labels, which are checked as each is read.
    expect(dataset.images.map(({ identity }) => identity)).toEqual(labels.map(String));
    expect(Buffer.from(await dataset.read(1)).toString()).toBe('face 1');
  });

  it('have an index whose last line no newline ends', async () => {
    await writeInsightFaceRecords(path, [[image('one'), image('two')], [image('three')]]);
    const index = join(folder, 'train.idx');
    const before = await findInsightFaceRecords(path);
    const unended = (await readFile(index, 'utf8')).trimEnd();
    await writeFile(index, unended);
    expect(await findInsightFaceRecords(path)).toEqual(before);
    // A digit of the last offset is missing, too.
    await writeFile(index, unended.slice(0, -1));
    expect(await messageOf(findInsightFaceRecords(path))).toContain('has no record here');
  });

  it.each([-1, 0.5, Number.NaN, 1e9])('refuse the label %d', async (label) => {
    await writeRecords(path, [imageRecord(0, image('a')), imageRecord(label, image('b'))]);
    expect(await messageOf(findInsightFaceRecords(path))).toMatch(
      /^train.rec, entry 1: has the label .*no class/u,
    );
  });

  it('refuse a file that is cut short, naming record and byte', async () => {
    await writeInsightFaceRecords(path, [[image('one'), image('two')], [image('three')]]);
    const { length } = await readFile(path);
    await cutFile(path, length - 4);
    expect(await messageOf(findInsightFaceRecords(path))).toMatch(
      /^train.rec, entry 5, offset \d+: ends within/u,
    );
    await cutFile(path, 60);
    expect(await messageOf(findInsightFaceRecords(path))).toMatch(/^train.rec, entry \d, offset \d+: ends/u);
    await cutFile(path, 3);
    expect(await messageOf(findInsightFaceRecords(path))).toBe(
      'train.rec, entry 0, offset 0: ends before the record.',
    );
  });

  it('refuse an offset that is not the beginning of a record', async () => {
    await writeInsightFaceRecords(path, [[image('one')]]);
    await writeFile(join(folder, 'train.idx'), '0\t4\n');
    expect(await messageOf(findInsightFaceRecords(path))).toBe(
      'train.rec, entry 0, offset 4: has no record here.',
    );
    await writeFile(join(folder, 'train.idx'), '0\t999999999999\n');
    expect(await messageOf(findInsightFaceRecords(path))).toContain('ends before the record');
  });

  it.each([
    ['without an end', [partOf(image('ab'), 1), recordOf(image('cd'))], 'lacks the end of the record'],
    ['that begin in the middle', [partOf(image('ab'), 2)], 'the middle of a record'],
    ['of an unknown kind', [partOf(image('ab'), 5)], 'the middle of a record'],
    ['that the file ends in', [partOf(image('ab'), 1)], 'ends before the record'],
    ['of all too many bytes', [partOf(Buffer.alloc(17 * 1024 * 1024), 0)], 'has a record of more than'],
  ])('refuse records %s', async (_, parts, message) => {
    await writeFile(path, Buffer.concat(parts));
    const file = await RecordIoFile.open(path);
    expect(await messageOf(file.read({ key: 0, offset: 0 }))).toContain(message);
    await file.close();
  });

  it.each([
    ['0\t0\n1 44\n', 'train.idx, line 2: must hold'],
    ['0\t0\n1', 'train.idx, line 2: must hold'],
    ['0\t0\n0\t44\n', 'train.idx, line 2: has the key 0 twice'],
    ['0\t0\n999999999\t44\n', 'has the key 999999999 in an index of at most 5 records'],
    ['', 'train.idx: holds no record'],
    ['x'.repeat(300_000), 'train.idx, line 1: must hold'],
    ['1'.repeat(300_000), 'train.idx, line 1: must hold'],
    ['0\t0\n\n1\t44\n', 'train.idx, line 2: must hold'],
  ])('refuse the index %j', async (text, message) => {
    await writeInsightFaceRecords(path, [[image('one')]]);
    await writeFile(join(folder, 'train.idx'), text);
    expect(await messageOf(findInsightFaceRecords(path))).toContain(message);
  });

  it('refuse an index that lacks a face, or an identity', async () => {
    await writeInsightFaceRecords(path, [[image('one'), image('two')]]);
    const index = await readFile(join(folder, 'train.idx'), 'utf8');
    await writeFile(join(folder, 'train.idx'), index.replace(/^1\t.*\n/mu, ''));
    expect(await messageOf(findInsightFaceRecords(path))).toContain('entry 1: is not in the index');
    await writeFile(join(folder, 'train.idx'), index.split('\n').slice(0, 2).join('\n') + '\n');
    expect(await messageOf(findInsightFaceRecords(path))).toContain(
      'entry 0: says that the records end at 3 and 4',
    );
  });

  it('refuse ranges of faces that are not there', async () => {
    const nothing = Buffer.alloc(0);
    await writeRecords(path, [
      imageRecord([2, 3], nothing),
      imageRecord(0, image('a')),
      imageRecord([1, 5], nothing),
    ]);
    expect(await messageOf(findInsightFaceRecords(path))).toBe(
      'train.rec, entry 2: has the faces 1 to 5 of records 1 to 1.',
    );
  });

  it('refuse what is no record of an image', async () => {
    await writeRecords(path, [Buffer.alloc(10)]);
    expect(await messageOf(findInsightFaceRecords(path))).toContain(
      "has 10 bytes, fewer than a record's header",
    );
    const manyLabels = Buffer.alloc(24);
    manyLabels.writeUInt32LE(1_000_000);
    await writeRecords(path, [manyLabels]);
    expect(await messageOf(findInsightFaceRecords(path))).toContain('has 1000000 labels');
    manyLabels.writeUInt32LE(3);
    await writeRecords(path, [manyLabels]);
    expect(await messageOf(findInsightFaceRecords(path))).toContain('ends within its 3 labels');
  });

  it('need both files', async () => {
    expect(await messageOf(findInsightFaceRecords(path))).toContain('train.idx: cannot be read');
    expect(await messageOf(findInsightFaceRecords(join(folder, 'train')))).toContain('ends with .rec');
  });
});
