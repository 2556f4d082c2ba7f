import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageRecord, recordOf } from '../../../test/support/record-io-writer.js';
import { hasSharedData, sharedPath } from '../../../test/support/shared-data.js';
import { openFaceSource } from './open-face-source.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-source-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('openFaceSource', () => {
  it('finds records by any keys', async () => {
    const path = join(folder, 'train.rec');
    const records = [1, 0, 0].map((label) => recordOf(imageRecord(label, Buffer.from('image'))));
    await writeFile(path, Buffer.concat(records));
    const length = records[0]!.length;
    await writeFile(join(folder, 'train.idx'), `9\t${length}\n3\t0\n700\t${2 * length}\n`);
    const source = await openFaceSource({ format: 'insightface-records', path });
    expect(source.identities).toEqual(['0', '1']);
    expect([0, 1, 2].map((face) => source.nameOf(face))).toEqual(['record 3', 'record 9', 'record 700']);
    expect([0, 1, 2].map((face) => source.identityOf(face))).toEqual([1, 0, 0]);
    expect([0, 1, 2].map((face) => source.faceNamed(source.nameOf(face)))).toEqual([0, 1, 2]);
    expect(source.faceNamed('record 4')).toBeUndefined();
    expect(source.locationOf(1)).toEqual({ kind: 'record', path, key: 9, offset: length, label: 0 });
    expect(() => source.nameOf(3)).toThrow(RangeError);
  });
});

describe.skipIf(!hasSharedData('training data of real faces'))('openFaceSource on data of real faces', () => {
  it('lists folders of identities', async () => {
    const celeba = await openFaceSource({ format: 'identity-folder', path: sharedPath('data', 'celeba299') });
    expect(celeba.identities).toHaveLength(250);
    expect(celeba.faceCount).toBeGreaterThan(5000);
    const path = sharedPath('data', 'cfp');
    expect((await openFaceSource({ format: 'identity-folder', path })).faceCount).toBe(250 * 14);
    const frontal = await openFaceSource({ format: 'identity-folder', path, subfolder: 'frontal' });
    expect(frontal.nameOf(0)).toBe('001/frontal/01.jpg');
    expect([frontal.faceCount, frontal.identities.length]).toEqual([2500, 250]);
  });

  it('reads a list of identities', async () => {
    const list = await openFaceSource({
      format: 'identity-list',
      path: sharedPath('data', 'celeba10k', 'identities.tsv'),
      imageFolder: sharedPath('data', 'celeba10k', 'images'),
    });
    expect([list.faceCount, list.identities.length]).toEqual([7425, 2854]);
  });
});
