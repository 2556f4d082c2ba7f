import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LabelFile } from './label-file.js';
import { readLabels } from './read-labels.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-labels-'));
  path = join(folder, 'labels.jsonl');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const point = (x: number) => ({ x, y: 2 * x });
const face = {
  box: { x: -1.5, y: 2, width: 30.25, height: 40 },
  landmarks: {
    leftEye: point(1),
    rightEye: point(2),
    nose: point(3),
    leftMouthCorner: point(4),
    rightMouthCorner: point(5.25),
  },
  probability: 0.75,
  agreed: true,
};
const photograph = { set: 'cfp', file: '001/a.jpg', width: 100, height: 80, faces: [face] };
const other = { ...photograph, file: 'b.jpg', faces: [{ ...face, landmarks: undefined, agreed: false }] };

it('keeps what is written, and goes on after a line that was cut short', async () => {
  const file = await LabelFile.resume(path);
  await file.append([photograph]);
  await file.close();
  const [line] = (await readFile(path, 'utf8')).split('\n');
  expect(JSON.parse(line!)).toEqual({
    set: 'cfp',
    file: '001/a.jpg',
    width: 100,
    height: 80,
    faces: [
      {
        box: [-1.5, 2, 30.25, 40],
        landmarks: [
          [1, 2],
          [2, 4],
          [3, 6],
          [4, 8],
          [5.25, 10.5],
        ],
        probability: 0.75,
        agreed: true,
      },
    ],
  });
  await appendFile(path, '{"set":"cfp","file":"b.j');
  const resumed = await LabelFile.resume(path);
  expect(resumed.has('cfp', '001/a.jpg')).toBe(true);
  expect(resumed.has('cfp', 'b.jpg')).toBe(false);
  await resumed.append([other]);
  await resumed.close();
  expect(await readLabels(path)).toEqual([photograph, other]);
});

it('leaves a file alone that holds something else', async () => {
  await writeFile(path, 'name,age\n');
  await expect(LabelFile.resume(path)).rejects.toMatchObject({ reason: 'DATASET_INVALID' });
  await expect(readLabels(path)).rejects.toMatchObject({ reason: 'DATASET_INVALID' });
  expect(await readFile(path, 'utf8')).toBe('name,age\n');
});
