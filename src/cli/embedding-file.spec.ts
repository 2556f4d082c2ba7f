import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readEmbeddingFile } from './embedding-file.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-embeddings-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string) {
  const path = join(folder, 'e.jsonl');
  await writeFile(path, text);
  return readEmbeddingFile(path);
}

describe('readEmbeddingFile', () => {
  it('reads what "symface embed --json" prints, of several faces each', async () => {
    const one = JSON.stringify({
      file: 'a.jpg',
      modelVersion: 'net-1',
      embeddings: [{ face: null, values: [1, 0] }],
    });
    const two = JSON.stringify({
      file: 'b.jpg',
      modelVersion: 'net-1',
      embeddings: [{ values: [0, 1] }, { values: [1, 1] }],
    });
    expect(await read(`${one}\n${two}`)).toEqual([
      { file: 'a.jpg', embedding: { values: [1, 0], modelVersion: 'net-1' } },
      { file: 'b.jpg#1', embedding: { values: [0, 1], modelVersion: 'net-1' } },
      { file: 'b.jpg#2', embedding: { values: [1, 1], modelVersion: 'net-1' } },
    ]);
  });

  it.each([
    ['\n', 'There is no embedding'],
    ['not JSON', 'line 1 is no JSON object'],
    ['{"file":"a.jpg","embeddings":[]}', 'has no modelVersion'],
    ['{"modelVersion":"n","embeddings":[{"values":["1"]}]}', 'without numbers'],
    ['{"file":"a.jpg","error":{"reason":"FACE_NOT_FOUND"}}', 'reports the failure of a.jpg'],
  ])('refuses %j', async (text, says) => {
    await expect(read(text)).rejects.toThrow(says);
  });
});
