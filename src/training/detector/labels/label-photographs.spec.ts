import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LabelFile } from '../../../datasets/face-labels/label-file.js';
import { readLabels } from '../../../datasets/face-labels/read-labels.js';
import type { LabellingDetectors } from './labelling-protocol.js';
import { type LabellingOptions, labelPhotographs, photographsIn } from './label-photographs.js';

/** Labels nothing, cannot read `bad.jpg`, ends at `deadly.jpg`, and writes what it was asked into a file. */
const fakeWorker = `
import { appendFileSync } from 'node:fs';
process.on('message', (request) => {
  if (request.type !== 'label') return;
  if (request.photographs.some(({ file }) => file === 'deadly.jpg')) process.exit(3);
  for (const { file } of request.photographs) appendFileSync(process.env.ASKED ?? '', file + '\\n');
  const good = request.photographs.filter(({ file }) => file !== 'bad.jpg');
  const bad = request.photographs.filter(({ file }) => file === 'bad.jpg');
  const photographs = good.map(({ set, file }) => ({ set, file, width: 10, height: 10, faces: [] }));
  const unreadable = bad.map(({ path }) => ({ path, message: 'is cut short' }));
  process.send({ type: 'labelled', id: request.id, batch: { photographs, unreadable } });
});
process.on('disconnect', () => process.exit());
`;

let folder: string;
let entryPoint: string;
let out: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-labelling-'));
  entryPoint = join(folder, 'worker.mjs');
  out = join(folder, 'labels.jsonl');
  process.env['ASKED'] = join(folder, 'asked');
  await writeFile(entryPoint, fakeWorker);
});

afterEach(async () => {
  delete process.env['ASKED'];
  await rm(folder, { recursive: true });
});

const named = (...files: string[]) => files.map((file) => ({ set: 's', file, path: `/data/${file}` }));

async function label(files: string[], more: Partial<LabellingOptions> = {}) {
  const file = await LabelFile.resume(out);
  try {
    return await labelPhotographs(named(...files), file, {
      // The fake loads nothing.
      detectors: {} as LabellingDetectors,
      processes: 2,
      entryPoint,
      signal: new AbortController().signal,
      onLabelled: () => undefined,
      ...more,
    });
  } finally {
    await file.close();
  }
}

it('labels what has no labels yet, and says what cannot be read', async () => {
  await label(['a.jpg', 'b.jpg']);
  let done = 0;
  const unreadable = await label(['a.jpg', 'b.jpg', 'bad.jpg', 'c.jpg'], {
    onLabelled: (count) => {
      done += count;
    },
  });
  expect(unreadable).toEqual([{ path: '/data/bad.jpg', message: 'is cut short' }]);
  expect(done).toBe(2);
  expect((await readLabels(out)).map(({ file }) => file)).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
  const asked = (await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n');
  expect(asked.toSorted()).toEqual(['a.jpg', 'b.jpg', 'bad.jpg', 'c.jpg']);
});

it('fails where a process is lost, and keeps what was labelled', async () => {
  await label(['a.jpg']);
  await expect(label(['a.jpg', 'deadly.jpg'])).rejects.toMatchObject({ reason: 'WORKER_LOST' });
  expect(await readLabels(out)).toHaveLength(1);
});

it('labels nothing after it was ended', async () => {
  const controller = new AbortController();
  controller.abort();
  await label(['a.jpg'], { signal: controller.signal });
  expect(await readLabels(out)).toEqual([]);
});

it('finds photographs at any depth, by their paths, and always the same few of them', async () => {
  await mkdir(join(folder, 'p/001/deep'), { recursive: true });
  for (const file of ['a.jpg', '001/b.png', '001/deep/c.jpeg', '001/notes.txt'])
    await writeFile(join(folder, 'p', file), '');
  const { photographs: all, passedOver } = await photographsIn({ set: 'p', path: join(folder, 'p') });
  expect(passedOver).toEqual([{ path: join(folder, 'p/001/notes.txt'), reason: 'not-an-image' }]);
  expect(all.map(({ file }) => file)).toEqual(['001/b.png', '001/deep/c.jpeg', 'a.jpg']);
  const { photographs: matched } = await photographsIn({
    set: 'p',
    path: join(folder, 'p'),
    match: /^001\//u,
  });
  expect(matched.map(({ file }) => file)).toEqual(['001/b.png', '001/deep/c.jpeg']);
  const { photographs: few } = await photographsIn({ set: 'p', path: join(folder, 'p'), limit: 2 });
  expect(few).toHaveLength(2);
  expect((await photographsIn({ set: 'p', path: join(folder, 'p'), limit: 2 })).photographs).toEqual(few);
});
