import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_PYTHON_REASON, pythonWithGrpc } from '../support/python.js';
import { startRunningServer, type RunningServer } from '../support/running-server.js';
import { writeSamplePhotographs, type SamplePhotographs } from '../support/sample-photographs.js';

let server: RunningServer;
let folder: string;
let photographs: SamplePhotographs;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-examples-'));
  [photographs, server] = await Promise.all([writeSamplePhotographs(folder), startRunningServer()]);
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Runs a program from the repository's root, as the examples say. */
function output(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' });
}

describe.each(['examples/verify.ts', 'examples/verify.py'])('%s', (file) => {
  it('is shorter than 30 lines', () => {
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').length).toBeLessThan(30);
  });
});

describe('the TypeScript example', () => {
  beforeAll(() => {
    output(process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'examples');
  });

  it('tells the same person from another', () => {
    const { one, other } = photographs;
    const verify = (a: string, b: string) =>
      output(process.execPath, 'dist/examples/verify.js', a, b, server.address);
    expect(verify(one, one)).toMatch(/^match 1\.0000 threshold /u);
    expect(verify(one, other)).toMatch(/^no match /u);
  });
});

const python = pythonWithGrpc();
if (python === undefined) console.warn(`Skipping the Python example: ${NO_PYTHON_REASON}.`);

describe.skipIf(python === undefined)('the Python example', () => {
  it('tells the same person from another', () => {
    const contract = join(folder, 'symface.binpb');
    output('node_modules/.bin/buf', 'build', '--as-file-descriptor-set', '-o', contract);
    const verify = (a: string, b: string) =>
      output(python ?? '', 'examples/verify.py', contract, a, b, server.address);
    const { one, other } = photographs;
    expect(verify(one, one)).toMatch(/^match 1\.0000 threshold /u);
    expect(verify(one, other)).toMatch(/^no match /u);
  });
});
