import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyBackbone } from '../support/tiny-models.js';

const sources = fileURLToPath(new URL('../../src', import.meta.url));
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

  it('is off everywhere, since nothing else loads it', async () => {
    const files = (await readdir(sources, { recursive: true })).filter((file) => file.endsWith('.ts'));
    const loading = [];
    for (const file of files) {
      const text = await readFile(join(sources, file), 'utf8');
      if (/^(?:import(?! type)|export)[^;]*'onnxruntime-node'/mu.test(text)) loading.push(file);
    }
    expect(loading).toEqual(['onnx/onnx-runtime.ts']);
  });
});
