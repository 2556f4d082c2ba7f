import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { runCommandLine } from '../../src/cli/program.js';
import {
  photographOfAnotherPerson,
  photographOfOnePerson,
  secondPhotographOfThatPerson,
} from '../support/npm-photographs.js';
import { RecordingTerminal } from '../support/recording-terminal.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { imageNetNetwork, smallManifest } from '../support/small-networks.js';

interface Built {
  readonly preparePretrainedModels: (registry: object, options: object) => Promise<unknown>;
  readonly ModelFiles: new (dataFolder: string) => object;
  readonly runCommandLine: typeof runCommandLine;
}

/** The built program's: threads and tfjs load faster from it. */
async function built(): Promise<Built> {
  const load = (path: string): Promise<object> =>
    import(fileURLToPath(new URL(`../../dist/${path}`, import.meta.url))) as Promise<object>;
  return {
    ...(await load('training/pretrained/prepare-pretrained-models.js')),
    ...(await load('storage/models/model-files.js')),
    ...(await load('cli/program.js')),
  } as Built;
}

let server: RunningServer;
let folder: string;
let people: string;

async function run(...args: string[]) {
  const terminal = new RecordingTerminal();
  const { runCommandLine: runBuilt } = await built();
  const exitCode = await runBuilt([...args, '--server', server.address], terminal);
  const lines = { out: terminal.outLines.join('\n'), err: terminal.errLines.join('\n') };
  return { exitCode, ...lines };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-int8-'));
  people = join(folder, 'people');
  await mkdir(join(people, 'ada'), { recursive: true });
  await mkdir(join(people, 'bob'), { recursive: true });
  await writeFile(join(people, 'ada', '1.jpg'), await photographOfOnePerson());
  await writeFile(join(people, 'ada', '2.jpg'), await secondPhotographOfThatPerson());
  await writeFile(join(people, 'bob', '1.jpg'), await photographOfAnotherPerson());
  await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
  await writeFile(join(folder, 'small.json'), JSON.stringify(smallManifest));
  server = await startRunningServer({ SYMFACE_PRECISION: 'int8' }, async (dataFolder) => {
    const { preparePretrainedModels, ModelFiles } = await built();
    await preparePretrainedModels(new ModelFiles(dataFolder), { precision: 'int8' });
  });
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

describe('serving in 8 bits', () => {
  it('is what the service does that is told to, and it tells people apart', async () => {
    expect(server.output()).toMatch(/model +mobilefacenet-symface-int8-[0-9a-f]{12}/u);
    const image = (identity: string, number: number) => join(people, identity, `${number}.jpg`);
    expect(await run('verify', image('ada', 1), image('ada', 2))).toMatchObject({ exitCode: 0 });
    expect(await run('verify', image('ada', 1), image('bob', 1))).toMatchObject({ exitCode: 1 });
  });

  it('is for imported backbones too, measured on faces of one’s own', async () => {
    expect(await run('dataset', 'tag', people, '--format', 'identities')).toMatchObject({ exitCode: 0 });
    const files = [join(folder, 'small.onnx'), '--manifest', join(folder, 'small.json')];
    const imported = await run('models', 'import', ...files, '--precision', 'int8', '--calibration', people);
    expect(imported.err).toMatch(/embeddings in 8 bits: cosine to those in 32 bits at least (0\.9|1\.0)/u);
    expect(imported.out).toMatch(/Imported small-int8-[0-9a-f]{12}\./u);
    const again = await run('models', 'import', ...files, '--precision', 'int8', '--calibration', people);
    expect(again.out).toMatch(/small-int8-[0-9a-f]{12} was here already/u);
  });

  it('says what is missing', async () => {
    const files = [join(folder, 'small.onnx'), '--manifest', join(folder, 'small.json')];
    const { exitCode, err } = await run('models', 'import', ...files, '--precision', 'int8');
    expect(exitCode).toBe(2);
    expect(err).toMatch(/--calibration FOLDER, tagged by "symface dataset tag/u);
    const missing = await run('models', 'import', ...files, '--precision', 'int8', '--calibration', folder);
    expect(missing.exitCode).toBe(2);
    expect(missing.err).toMatch(/DATASET_INVALID|no identit|tag/u);
  });
});
