import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readCfpProtocol } from '../../src/datasets/verification/formats/cfp-protocol.js';
import { readCrossLfwPairs } from '../../src/datasets/verification/formats/cross-lfw-pairs.js';
import { readInsightFaceBin } from '../../src/datasets/verification/formats/insightface-bin.js';
import { readLfwPairs } from '../../src/datasets/verification/formats/lfw-pairs.js';
import { readPairsCsv } from '../../src/datasets/verification/formats/pairs-csv.js';
import type { VerificationDataset } from '../../src/core/protocols/benchmark-dataset.js';
import { Failure } from '../../src/core/failure.js';
import { hasSharedData, sharedPath } from '../support/shared-data.js';

const pickles = JSON.parse(
  readFileSync(new URL('../numerics/golden/pickles.json', import.meta.url), 'utf8'),
) as {
  readonly images: readonly string[];
  readonly same: readonly boolean[];
  readonly good: Readonly<Record<string, string>>;
  readonly bad: Readonly<Record<string, string>>;
};

let root: string;
let folder: string;
let next = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'symface-datasets-'));
});

beforeEach(async () => {
  folder = join(root, String(next++));
  await mkdir(folder);
});

afterAll(() => rm(root, { recursive: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function images(...names: readonly string[]): Promise<void> {
  for (const name of names) await write(name, `image ${name}`);
}

async function failureOf(reading: Promise<unknown>): Promise<Failure> {
  const outcome: unknown = await reading.then(
    () => 'it was read',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Failure);
  expect((outcome as Failure).reason).toBe('DATASET_INVALID');
  return outcome as Failure;
}

const named = ({ images: all, pairs }: VerificationDataset) =>
  pairs.map(({ first, second, genuine }) => [all[first]!.name, all[second]!.name, genuine]);

describe('InsightFace .bin files', () => {
  it.each(Object.entries(pickles.good))('are read: %s', async (_name, content) => {
    const dataset = await readInsightFaceBin(await write('lfw.bin', Buffer.from(content, 'base64')));
    expect(dataset.pairs).toEqual(
      pickles.same.map((genuine, pair) => ({ first: 2 * pair, second: 2 * pair + 1, genuine })),
    );
    const read = await Promise.all(dataset.images.map((_, index) => dataset.read(index)));
    expect(read.map((bytes) => Buffer.from(bytes).toString('base64'))).toEqual(pickles.images);
  });

  it.each(Object.entries(pickles.bad))('are refused, and nothing is run: %s', async (_name, content) => {
    const path = await write('lfw.bin', Buffer.from(content, 'base64'));
    const failure = await failureOf(readInsightFaceBin(path));
    expect(failure.message).toMatch(/^lfw\.bin/u);
    expect(existsSync(join(tmpdir(), 'symface-hostile-pickle'))).toBe(false);
  });

  it('are refused when cut anywhere', async () => {
    const whole = Buffer.from(pickles.good['arrays, protocol 4']!, 'base64');
    for (let length = 0; length < whole.length; length++) {
      await failureOf(readInsightFaceBin(await write('cut.bin', whole.subarray(0, length))));
    }
  });

  it('are read or refused, never anything else, whatever bytes are changed', async () => {
    const contents = Object.values(pickles.good).map((content) => Buffer.from(content, 'base64'));
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
    const property = fc.asyncProperty(
      fc.constantFrom(...contents),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      async (content, changes) => {
        const bytes = Buffer.from(content);
        for (const { at, to } of changes) bytes[at % bytes.length] = to;
        const path = await write('changed.bin', bytes);
        await readInsightFaceBin(path).catch((error: unknown) => {
          if (!(error instanceof Failure)) throw error;
        });
      },
    );
    await fc.assert(property, { numRuns: 2000, seed: 1 });
  });

  it.skipIf(process.platform !== 'linux')('are refused where they never end', async () => {
    for (const path of ['/dev/zero', folder]) {
      expect((await failureOf(readInsightFaceBin(path))).message).toMatch(/: is no file\.$/u);
      expect((await failureOf(readLfwPairs(path, folder, 'photograph'))).message).toMatch(/: is no file\.$/u);
    }
  });

  it.skipIf(!hasSharedData('the .bin files of LFW'))('of LFW are read, of every Python', async () => {
    for (const [file, pairs] of [
      ['lfw_mini_py3_protocol4.bin', 200],
      ['lfw_tiny_numpy_protocol4.bin', 20],
      ['lfw_tiny_py2_protocol2.bin', 20],
      ['lfw_tiny_py3_protocol3.bin', 20],
    ] as const) {
      const dataset = await readInsightFaceBin(sharedPath('data', 'bin', file));
      expect(dataset.pairs, file).toHaveLength(pairs);
      expect(dataset.pairs.filter(({ genuine }) => genuine)).toHaveLength(pairs / 2);
      const first = await dataset.read(0);
      expect(Buffer.from(first.subarray(0, 3)).toString('hex'), file).toBe('ffd8ff');
    }
  });
});

describe('lists of LFW', () => {
  const view2 = '2\t1\nAda\t1\t2\nAda\t1\tBob\t1\nBob\t1\t3\nBob\t3\tAda\t2\n';

  it('of View 2 are read with their folds', async () => {
    await images('Ada/Ada_0001.jpg', 'Ada/Ada_0002.jpg', 'Bob/Bob_0001.jpg', 'Bob/Bob_0003.jpg');
    const dataset = await readLfwPairs(await write('pairs.txt', view2), folder, 'photograph');
    expect(dataset.foldCount).toBe(2);
    expect(named(dataset)).toEqual([
      ['Ada/Ada_0001.jpg', 'Ada/Ada_0002.jpg', true],
      ['Ada/Ada_0001.jpg', 'Bob/Bob_0001.jpg', false],
      ['Bob/Bob_0001.jpg', 'Bob/Bob_0003.jpg', true],
      ['Bob/Bob_0003.jpg', 'Ada/Ada_0002.jpg', false],
    ]);
    expect(dataset.images.map(({ identity }) => identity)).toEqual(['Ada', 'Ada', 'Bob', 'Bob']);
    expect(Buffer.from(await dataset.read(2)).toString()).toBe('image Bob/Bob_0001.jpg');
  });

  it('of View 1 are read without folds', async () => {
    await images('Ada/Ada_0001.jpg', 'Ada/Ada_0002.jpg', 'Bob/Bob_0001.jpg');
    const list = await write('pairsDevTest.txt', '1\nAda\t1\t2\nAda\t1\tBob\t1\n');
    expect((await readLfwPairs(list, folder, 'photograph')).foldCount).toBe(1);
  });

  it.each([
    { name: 'an empty list', content: '', says: /^pairs\.txt: is empty/u },
    { name: 'no counts', content: 'Ada 1 2\n', says: /^pairs\.txt, line 1: must say how many/u },
    {
      name: 'fewer pairs than promised',
      content: '10\t300\nAda\t1\t2\n',
      says: /holds 1 pairs .* promises 6000/u,
    },
    {
      name: 'an image that is not there',
      content: view2.replace('1\t3', '1\t9'),
      says: /line 4: names an image that is not there: Bob\/Bob_0009/u,
    },
    {
      name: 'one person twice',
      content: view2.replace('Bob\t3\tAda', 'Ada\t1\tAda'),
      says: /line 5: names one person/u,
    },
    { name: 'a number that is none', content: view2.replace('1\t2', '1\tx'), says: /line 2: has x where/u },
    {
      name: 'a missing word',
      content: view2.replace('Ada\t1\tBob\t1', 'Ada\t1\tBob'),
      says: /line 3: must name two persons/u,
    },
    {
      name: 'a way out of the folder',
      content: '1\n../etc\t1\t2\nAda\t1\tBob\t1\n',
      says: /line 2: names an image outside/u,
    },
    { name: 'bytes that are no text', content: 'a\0b', says: /is no text/u },
  ])('are refused with the line: $name', async ({ content, says }) => {
    await images('Ada/Ada_0001.jpg', 'Ada/Ada_0002.jpg', 'Bob/Bob_0001.jpg', 'Bob/Bob_0003.jpg');
    const failure = await failureOf(readLfwPairs(await write('pairs.txt', content), folder, 'photograph'));
    expect(failure.message).toMatch(says);
  });

  it('are refused with a short message that steers no terminal, whatever they hold', async () => {
    const name = `\u001b[31m\u202e${'x'.repeat(100_000)}`;
    for (const line of [`../${name}\t1\t2`, `Ada\t1\t${name}`]) {
      const list = await write('pairs.txt', `1\n${line}\nAda\t1\tBob\t1\n`);
      const { message } = await failureOf(readLfwPairs(list, folder, 'photograph'));
      expect(message).toMatch(/^pairs\.txt, line 2: /u);
      expect(message.length).toBeLessThan(400);
      expect(message).not.toMatch(/\p{C}/u);
    }
  });

  it('are refused where they have more lines than any list of pairs', async () => {
    const list = await write('pairs.txt', 'x\n'.repeat(500_001));
    const csv = await write('pairs.csv', `image_a,image_b,same\n${'a,b,1\n'.repeat(500_001)}`);
    for (const reading of [
      readLfwPairs(list, folder, 'photograph'),
      readPairsCsv(csv, folder, 'photograph'),
    ]) {
      expect((await failureOf(reading)).message).toContain('has more than 500000 lines');
    }
  });

  it('says which list is not there', async () => {
    const failure = await failureOf(readLfwPairs(join(folder, 'none.txt'), folder, 'photograph'));
    expect(failure.message).toBe('none.txt: cannot be read.');
  });

  it.skipIf(!hasSharedData('the list of LFW'))('of the whole of LFW are read', async () => {
    const list = sharedPath('data', 'lfw', 'pairs.txt');
    const dataset = await readLfwPairs(list, sharedPath('data', 'lfw', 'images'), 'photograph');
    expect(dataset).toMatchObject({ foldCount: 10 });
    expect([dataset.pairs.length, dataset.images.length]).toEqual([6000, 7701]);
  });
});

describe('lists of CALFW and CPLFW', () => {
  it('are read two lines a pair', async () => {
    await images('Ada_0001.jpg', 'Ada_0002.jpg', 'Bob_L_0001.jpg');
    const list = await write(
      'pairs_CPLFW.txt',
      'Ada_0001.jpg 3\nAda_0002.jpg 3\nAda_0001.jpg 0\nBob_L_0001.jpg 0\n',
    );
    const dataset = await readCrossLfwPairs(list, folder, 'aligned-crop');
    expect(named(dataset)).toEqual([
      ['Ada_0001.jpg', 'Ada_0002.jpg', true],
      ['Ada_0001.jpg', 'Bob_L_0001.jpg', false],
    ]);
    expect(dataset.images.map(({ identity }) => identity)).toEqual(['Ada', 'Ada', 'Bob_L']);
  });

  it.each([
    { name: 'an odd line', content: 'Ada_0001.jpg 1\n', says: /holds 1 lines, and a pair has two/u },
    { name: 'two labels', content: 'Ada_0001.jpg 1\nAda_0002.jpg 0\n', says: /line 2: has another label/u },
    {
      name: 'no label',
      content: 'Ada_0001.jpg\nAda_0002.jpg\n',
      says: /line 1: must hold an image and a label/u,
    },
  ])('are refused with the line: $name', async ({ content, says }) => {
    const failure = await failureOf(
      readCrossLfwPairs(await write('pairs.txt', content), folder, 'aligned-crop'),
    );
    expect(failure.message).toMatch(says);
  });
});

describe("CFP's protocol", () => {
  async function writeProtocol(same: string): Promise<void> {
    await images(
      'Data/Images/001/frontal/01.jpg',
      'Data/Images/001/frontal/02.jpg',
      'Data/Images/002/frontal/01.jpg',
      'Data/Images/001/profile/01.jpg',
    );
    await write(
      'Protocol/Pair_list_F.txt',
      '1 ../Data/Images/001/frontal/01.jpg\n2 ../Data/Images/001/frontal/02.jpg\n3 ../Data/Images/002/frontal/01.jpg\n',
    );
    await write('Protocol/Pair_list_P.txt', '1 ../Data/Images/001/profile/01.jpg\n');
    await write('Protocol/Split/FF/01/same.txt', same);
    await write('Protocol/Split/FF/01/diff.txt', '1,3\n');
    await write('Protocol/Split/FP/01/same.txt', '2,1\n');
    await write('Protocol/Split/FP/01/diff.txt', '3,1\n');
  }

  it('is read for both splits', async () => {
    await writeProtocol('1,2\n');
    expect(named(await readCfpProtocol(folder, 'FF', 'photograph'))).toEqual([
      ['Data/Images/001/frontal/01.jpg', 'Data/Images/001/frontal/02.jpg', true],
      ['Data/Images/001/frontal/01.jpg', 'Data/Images/002/frontal/01.jpg', false],
    ]);
    const profile = await readCfpProtocol(folder, 'FP', 'photograph');
    expect(named(profile)[0]).toEqual([
      'Data/Images/001/frontal/02.jpg',
      'Data/Images/001/profile/01.jpg',
      true,
    ]);
    expect(profile.images[0]!.identity).toBe('001');
    expect(profile.foldCount).toBe(1);
  });

  it('is read where a fold has more lines than a function takes arguments', async () => {
    const lineCount = 200_000;
    await writeProtocol('1,2\n'.repeat(lineCount));
    expect((await readCfpProtocol(folder, 'FF', 'photograph')).pairs).toHaveLength(lineCount + 1);
  });

  it('is refused with the file and the line', async () => {
    await writeProtocol('1,2\n1,9\n');
    const failure = await failureOf(readCfpProtocol(folder, 'FF', 'photograph'));
    expect(failure.message).toMatch(/^Protocol\/Split\/FF\/01\/same\.txt, line 2: /u);
    expect((await failureOf(readCfpProtocol(join(folder, 'none'), 'FF', 'photograph'))).message).toContain(
      'Pair_list_F',
    );
  });
});

describe('lists of pairs in CSV', () => {
  it('are read with and without persons', async () => {
    await images('a.jpg', 'b, or c.jpg');
    const list = await write(
      'pairs.csv',
      '\uFEFFimage_a,image_b,same,identity_a,identity_b\na.jpg,"b, or c.jpg",0,ada,\n',
    );
    const dataset = await readPairsCsv(list, folder, 'photograph');
    expect(named(dataset)).toEqual([['a.jpg', 'b, or c.jpg', false]]);
    expect(dataset.images.map(({ identity }) => identity)).toEqual(['ada', undefined]);
  });

  it.each([
    {
      name: 'missing columns',
      content: 'a,b\n1,2\n',
      says: /line 1: lacks the columns image_a, image_b, same/u,
    },
    { name: 'a missing cell', content: 'image_a,image_b,same\na.jpg,b.jpg\n', says: /pairs\.csv, line 2/u },
    { name: 'an open quote', content: 'image_a,image_b,same\n"a.jpg,b.jpg,1\n', says: /pairs\.csv/u },
    {
      name: 'a label that is none',
      content: 'image_a,image_b,same\na.jpg,b.jpg,yes\n',
      says: /line 2: "same" must be 1 or 0/u,
    },
    {
      name: 'a row that does not end',
      content: `image_a,image_b,same\n${'a.jpg,'.repeat(200_000)}\n`,
      says: /^pairs\.csv, line 2: Max Record Size/u,
    },
    { name: 'no pair', content: 'image_a,image_b,same\n', says: /holds no pair/u },
    { name: 'nothing', content: '', says: /pairs\.csv/u },
  ])('are refused with the line: $name', async ({ content, says }) => {
    await images('a.jpg', 'b.jpg');
    const failure = await failureOf(readPairsCsv(await write('pairs.csv', content), folder, 'photograph'));
    expect(failure.message).toMatch(says);
  });

  it('are read or refused, never anything else, whatever they hold', async () => {
    await images('a.jpg', 'b.jpg');
    const piece = fc.constantFrom(
      'image_a',
      'image_b',
      'same',
      ',',
      '"',
      '\n',
      '\r',
      '1',
      'a.jpg',
      'b.jpg',
      '\t',
      '..',
      ' ',
    );
    const property = fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      const text = pieces.join('');
      const list = await write('f.txt', text);
      for (const read of [readPairsCsv, readLfwPairs, readCrossLfwPairs]) {
        await read(list, folder, 'photograph').catch((error: unknown) => {
          if (!(error instanceof Failure)) throw error;
        });
      }
    });
    await fc.assert(property, { numRuns: 500, seed: 1 });
  });
});
