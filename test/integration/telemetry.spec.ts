import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyBackbone } from '../support/tiny-models.js';

const runtimeModule = new URL('../../dist/onnx/onnx-runtime.js', import.meta.url).href;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-telemetry-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Loads a graph by ONNX Runtime in a process of its own. @returns what that has written in the user's home */
async function writtenInHome(): Promise<readonly string[]> {
  const home = await mkdtemp(join(folder, 'home-'));
  const graph = join(folder, 'tiny.onnx');
  await writeFile(graph, tinyBackbone());
  const script = `
    const { InferenceSession } = await import(${JSON.stringify(runtimeModule)});
    await InferenceSession.create(${JSON.stringify(graph)});
  `;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, HOME: home, XDG_CACHE_HOME: undefined, ORT_DISABLE_TELEMETRY: undefined },
  });
  return readdir(home, { recursive: true });
}

describe('the telemetry of ONNX Runtime', () => {
  it('is off in what loads it', async () => {
    expect(await writtenInHome()).toEqual([]);
  });
});
