import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { writeRunResult } from '../runs/run-result.js';
import { parseTrainingConfiguration } from '../configuration/training-configuration.js';
import type { PlannedRun } from './experiment-file.js';
import { ExperimentFolder } from './experiment-folder.js';

const text = `name: test.base
data: { format: identity-folder, path: /faces, kind: photograph }
backbone: { design: mobilefacenet }
loss: { name: arcface, scale: 32 }
epochs: 4
batchSize: 32
learningRate: { initial: 0.1 }
`;
const configuration = parseTrainingConfiguration(text, 'a.yaml');
const run: PlannedRun = { cell: 'base', seed: 1, folder: 'base/seed-1', configuration, text };

let path: string;
let folder: ExperimentFolder;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'symface-experiment-folder-'));
  folder = new ExperimentFolder(path);
});

afterEach(async () => {
  await rm(path, { recursive: true });
});

it('makes a run ready, and refuses another configuration there', async () => {
  await folder.requireSame([run]);
  const { runFolder, configuration: file } = await folder.prepare(run);
  expect(runFolder).toBe(join(path, 'base/seed-1'));
  expect(await readFile(file, 'utf8')).toBe(text);
  await folder.requireSame([run]);
  const other = { ...run, text: text.replace('scale: 32', 'scale: 64') };
  await expect(folder.requireSame([other])).rejects.toThrow(
    '("loss: { name: arcface, scale: 32 }" is now "loss: { name: arcface, scale: 64 }"). Choose another --output',
  );
  await folder.restart([run]);
  await folder.requireSame([other]);
  expect(await readdir(join(path, 'base'))).toEqual([]);
});

it('knows how a run ended, until it is begun again', async () => {
  const about = { cell: 'base', seed: 1 };
  expect(await folder.stateOf(run)).toEqual({ ...about, state: 'unfinished' });
  const { runFolder } = await folder.prepare(run);
  await writeRunResult(runFolder, { state: 'stopped', steps: 3 });
  expect(await folder.stateOf(run)).toEqual({ ...about, state: 'unfinished' });
  const failure = { reason: 'OUT_OF_MEMORY', message: 'Give it more.' } as const;
  await writeRunResult(runFolder, { state: 'failed', steps: 3, failure });
  expect(await folder.stateOf(run)).toEqual({ ...about, state: 'failed', failure });
  await writeRunResult(runFolder, { state: 'finished', steps: 9 });
  expect(await folder.stateOf(run)).toEqual({
    ...about,
    state: 'finished',
    figures: { training: { steps: 9 }, sets: {} },
  });
  await folder.prepare(run);
  expect((await folder.stateOf(run)).state).toBe('unfinished');
});

it('sees by the log, or by what it printed, how far a run is', async () => {
  expect(await folder.progressOf(run)).toBe(0);
  const { runFolder } = await folder.prepare(run);
  const entries = [0.5, 1, 1.5, 3].map((epoch, index) =>
    JSON.stringify({ kind: 'steps', step: index, epoch }),
  );
  // Longer than what is read of it, and cut short by a process that writes.
  const log = [...entries, '{"kind":"evaluation","set":"lfw"}', '{"kind":"steps","ep'].join('\n');
  await writeFile(join(runFolder, 'log.jsonl'), `${'x'.repeat(10_000)}\n${log}`);
  expect(await folder.progressOf(run)).toBe(0.75);
  await writeFile(
    join(runFolder, 'output.log'),
    '  step 9/90, epoch 1/4: 1 img/s\n  step 81/90, epoch 4/4: 1 img/s\n',
  );
  expect(await folder.progressOf(run)).toBe(0.9);
});
