import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Weights } from '../../core/models/weights.js';
import { DecryptionError, oneKey, SecretBox } from '../encryption/secret-box.js';
import { writeSafetensors, safetensorsParts } from './safetensors.js';
import { readSafetensorsFile, writeSafetensorsFile } from './safetensors-file.js';

const weights: Weights = new Map([
  ['filter', { shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ['empty', { shape: [0], values: new Float32Array() }],
  ['bias', { shape: [], values: Float32Array.of(-0.5) }],
]);
const box = new SecretBox(oneKey(new Uint8Array(32).fill(3)));
const seal = { box, context: 'here' };
const sha256Of = (file: Uint8Array) => createHash('sha256').update(file).digest('hex');

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-safetensors-'));
  path = join(folder, 'state.safetensors');
});
afterEach(() => rm(folder, { recursive: true }));

describe('files of weights', () => {
  it('are what is written at once, whatever the parts that they are written in', async () => {
    for (const maximumBytes of [1, 5, 8, 1000]) {
      const parts = [...safetensorsParts(weights, { license: 'MIT' }, 'F32', maximumBytes)];
      const [, ...ofArrays] = parts;
      expect(Math.max(...ofArrays.map(({ length }) => length))).toBeLessThanOrEqual(maximumBytes);
      expect(Buffer.concat(parts)).toEqual(writeSafetensors(weights, { license: 'MIT' }));
    }
    expect(await writeSafetensorsFile(path, weights)).toBe(sha256Of(writeSafetensors(weights)));
    expect(await readFile(path)).toEqual(writeSafetensors(weights));
  });

  it('are parts of the arrays themselves, not copies', () => {
    const { values } = weights.get('filter') ?? { values: new Float32Array() };
    const parts = [...safetensorsParts(weights)];
    expect(parts.some(({ buffer, length }) => length === 24 && buffer === values.buffer)).toBe(true);
  });

  it('are read array by array, with their digest', async () => {
    const sha256 = await writeSafetensorsFile(path, weights);
    const read = await readSafetensorsFile(path);
    expect(read.sha256).toBe(sha256);
    expect(Object.fromEntries(read.weights)).toEqual(Object.fromEntries(weights));
  });

  it('hold half-precision numbers', async () => {
    const values = Float32Array.of(1.5, -3.140625, 2 ** -24);
    await writeFile(path, writeSafetensors(new Map([['h', { shape: [3], values }]]), {}, 'F16'));
    expect((await readSafetensorsFile(path)).weights.get('h')?.values).toEqual(values);
  });

  it('are sealed as a box seals them at once', async () => {
    const sha256 = await writeSafetensorsFile(path, weights, seal);
    const file = await readFile(path);
    expect(sha256).toBe(sha256Of(file));
    expect(Buffer.from(box.open(file, 'here'))).toEqual(writeSafetensors(weights));
    expect(Object.fromEntries((await readSafetensorsFile(path, seal)).weights)).toEqual(
      Object.fromEntries(weights),
    );
    const rotated = new SecretBox({ current: 2, keys: new Map([[2, new Uint8Array(32).fill(3)]]) });
    await writeFile(path, rotated.seal(writeSafetensors(weights), 'here'));
    expect((await readSafetensorsFile(path, { box: rotated, context: 'here' })).weights.size).toBe(3);
  });

  it('are not opened for another place, with another key, or where a byte was changed', async () => {
    await writeSafetensorsFile(path, weights, seal);
    const otherBox = new SecretBox(oneKey(new Uint8Array(32).fill(4)));
    await expect(readSafetensorsFile(path, { box, context: 'there' })).rejects.toThrow(DecryptionError);
    await expect(readSafetensorsFile(path, { box: otherBox, context: 'here' })).rejects.toThrow();
    const file = await readFile(path);
    file.writeUInt8(file.readUInt8(file.length - 20) ^ 1, file.length - 20);
    await writeFile(path, file);
    await expect(readSafetensorsFile(path, seal)).rejects.toThrow(DecryptionError);
    for (const content of ['', 'short', Buffer.alloc(40, 9)]) {
      await writeFile(path, content);
      await expect(readSafetensorsFile(path, seal)).rejects.toThrow(DecryptionError);
    }
  });

  it('are refused where they are cut short, or have bytes that are no array’s', async () => {
    await writeSafetensorsFile(path, weights);
    const file = await readFile(path);
    await appendFile(path, 'x');
    const invalid = { name: 'Failure', reason: 'MODEL_INVALID' };
    await expect(readSafetensorsFile(path)).rejects.toMatchObject(invalid);
    for (const length of [0, 7, 20, file.length - 1]) {
      await writeFile(path, file.subarray(0, length));
      await expect(readSafetensorsFile(path)).rejects.toMatchObject(invalid);
    }
  });
});
