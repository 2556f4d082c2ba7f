import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Failure } from '../../core/failure.js';
import { toRecord } from '../../core/failure-record.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { arcFacePreset } from '../../core/models/presets.js';
import { ProcessModelValidator } from './process-model-validator.js';

const manifest: BackboneManifest = {
  ...arcFacePreset({ dimension: 4 }),
  displayName: 'tiny',
  license: 'MIT',
  source: 'made up',
  graph: { fileName: 'tiny.onnx', sha256: '0'.repeat(64) },
};
const graph = Uint8Array.of(1, 2, 3);

describe('ProcessModelValidator', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-validator-spec-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** A validator whose process runs this script instead of a model. */
  async function validatorRunning(script: string, limits = {}): Promise<ProcessModelValidator> {
    const entryPoint = join(folder, 'entry.mjs');
    await writeFile(entryPoint, script);
    return new ProcessModelValidator({ intraOpThreads: 1, entryPoint, ...limits });
  }

  it('hands the graph over as a file and gives what the process found', async () => {
    const validator = await validatorRunning(`
      import { readFileSync } from 'node:fs';
      process.once('message', ({ graphPath, manifest, intraOpThreads }) => {
        const sum = readFileSync(graphPath).reduce((total, byte) => total + byte, 0);
        const inferenceMs = sum * 100 + manifest.embedding.dimension * 10 + intraOpThreads;
        process.send({ kind: 'valid', validation: { inferenceMs } });
      });`);
    expect(await validator.validate(manifest, graph)).toEqual({ inferenceMs: 641 });
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('symface-import-'))).toEqual([]);
  });

  it('passes a refusal on as it is', async () => {
    const failure = new Failure('MODEL_INVALID', 'bad', { file: 'a.onnx' }, [
      { field: 'manifest.kind', description: 'is odd' },
    ]);
    const result = { kind: 'refused', error: toRecord(failure) };
    const validator = await validatorRunning(
      `process.once('message', () => process.send(${JSON.stringify(result)}));`,
    );
    const { reason, message, metadata, fieldViolations } = failure;
    const expected = { reason, message, metadata, fieldViolations };
    await expect(validator.validate(manifest, graph)).rejects.toMatchObject(expected);
  });

  it.each([
    ['crashes', `process.once('message', () => process.abort());`, {}, /crashed .*SIGABRT/],
    ['exits', `process.once('message', () => process.exit(3));`, {}, /crashed .*exit code 3/],
    ['hangs', `process.once('message', () => { for (;;); });`, { timeoutMs: 500 }, /within 500 ms/],
  ])('refuses a model whose process %s', async (_case, script, limits, message) => {
    const validator = await validatorRunning(script, limits);
    await expect(validator.validate(manifest, graph)).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });

  it.runIf(process.platform === 'linux')('refuses a model that takes too much memory', async () => {
    const validator = await validatorRunning(
      `process.once('message', () => { globalThis.held = Buffer.alloc(300e6, 1); for (;;); });`,
      { maximumMemoryBytes: 200e6, timeoutMs: 20_000 },
    );
    await expect(validator.validate(manifest, graph)).rejects.toThrow(/200000000 bytes of memory/);
  });
});
