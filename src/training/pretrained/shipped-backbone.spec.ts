import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defaultBackboneName } from './default-backbone.js';
import { readShippedBackbone } from './shipped-backbone.js';

const shipped = new URL(`../../../models/${defaultBackboneName}/`, import.meta.url);

describe('readShippedBackbone', () => {
  let folder: string;
  const read = async () => readShippedBackbone(pathToFileURL(`${folder}/`));
  const change = async (name: string, changed: (bytes: Buffer) => Buffer | string) => {
    const path = join(folder, name);
    await writeFile(path, changed(await readFile(path)));
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-shipped-'));
    await cp(shipped, folder, { recursive: true });
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('has the weights that were measured, with where they came from', async () => {
    const { weights, design, manifestOf, source } = await read();
    expect(design).toBe('mobilefacenet');
    const count = [...weights().values()].reduce((sum, { values }) => sum + values.length, 0);
    // 1.2 million, and as many norms as there are convolutions.
    expect(count).toBe(1_220_864);
    const manifest = manifestOf('a.onnx', '0'.repeat(64));
    expect(manifest).toMatchObject({ displayName: defaultBackboneName, source });
    expect(manifest.graph).toEqual({ fileName: 'a.onnx', sha256: '0'.repeat(64) });
    expect(manifest.training?.seeds).toEqual([1]);
    const { calibration, similarityThreshold } = manifest;
    expect((calibration ?? similarityThreshold)?.description).not.toBe('');
    expect(manifest.selfCheck).toBeDefined();
  });

  it('refuses weights of which one bit is another, by their digest', async () => {
    await change('weights.safetensors', (bytes) => {
      bytes[bytes.length - 1000]! ^= 1;
      return bytes;
    });
    await expect(read()).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringMatching(
        /weights\.safetensors is not the file that came with SymFace: its SHA-256 is [0-9a-f]{64}, that of the measured one [0-9a-f]{64}\. Get it anew: "git checkout -- models"/u,
      ) as string,
    });
  });

  it('refuses weights that are cut short or gone', async () => {
    await change('weights.safetensors', (bytes) => bytes.subarray(0, 500_000));
    await expect(read()).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
    await rm(join(folder, 'weights.safetensors'));
    await expect(read()).rejects.toThrow('it cannot be read');
  });

  it.each([
    ['', 'it does not describe a backbone'],
    ['{"weightsSha256":"ab","design":"mobilefacenet","manifest":{}}', 'it does not describe a backbone'],
  ])('refuses the description %j', async (text, message) => {
    await change('shipped.json', () => text);
    await expect(read()).rejects.toThrow(message);
  });

  it('refuses a description of something else, naming what is wrong', async () => {
    await change('shipped.json', (text) => text.toString().replace('"horizontal-flip"', '"vertical-flip"'));
    await expect(read()).rejects.toThrow('manifest.embedding.testTimeAugmentation');
  });
});
