import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { oneKey, SecretBox } from '../../storage/encryption/secret-box.js';
import { storageFailure } from '../../storage/files/durable-files.js';
import { CheckpointFolder } from './checkpoint-folder.js';

const state = {
  weights: new Map([['filter', { shape: [2], values: Float32Array.of(1, 2) }]]),
  velocities: new Map([['filter', { shape: [2], values: Float32Array.of(3, 4) }]]),
  lossState: { meanNorm: 20.125 },
};
const positionAt = (step: number) => ({ epoch: 1, batch: 2, step });

describe('CheckpointFolder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-checkpoints-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('gives back the newest, and keeps the one before it', async () => {
    const checkpoints = new CheckpointFolder(folder, 'run');
    expect(await checkpoints.newest()).toBeUndefined();
    for (const step of [1, 2, 10]) await checkpoints.save({ position: positionAt(step), state });
    expect(await checkpoints.newest()).toEqual({ position: positionAt(10), state });
    expect((await readdir(folder)).sort()).toEqual(['step-000000002', 'step-000000010']);
  });

  it('keeps sums of gradients in the middle of a step', async () => {
    const checkpoints = new CheckpointFolder(folder, 'run');
    const gradients = new Map([['filter', { shape: [2], values: Float32Array.of(5, 6) }]]);
    await checkpoints.save({ position: positionAt(1), state: { ...state, gradients } });
    expect(await checkpoints.newest()).toEqual({ position: positionAt(1), state: { ...state, gradients } });
  });

  it.each(['state.safetensors', 'position.json'])(
    'takes the one before where %s of the newest is damaged',
    async (file) => {
      const checkpoints = new CheckpointFolder(folder, 'run');
      await checkpoints.save({ position: positionAt(1), state });
      await checkpoints.save({ position: positionAt(2), state });
      await appendFile(join(folder, 'step-000000002', file), 'x');
      expect((await checkpoints.newest())?.position.step).toBe(1);
    },
  );

  it('refuses those of another configuration', async () => {
    await new CheckpointFolder(folder, 'run').save({ position: positionAt(1), state });
    await expect(new CheckpointFolder(folder, 'other').newest()).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
    });
  });

  it('is not disturbed by what a killed process left, and leaves nothing of it', async () => {
    const checkpoints = new CheckpointFolder(folder, 'run');
    await mkdir(join(folder, '.writing'));
    await writeFile(join(folder, '.writing', 'state.safetensors'), 'half of it');
    await checkpoints.save({ position: positionAt(1), state });
    expect((await checkpoints.newest())?.position.step).toBe(1);
    expect(await readdir(folder)).toEqual(['step-000000001']);
  });

  it('keeps states encrypted where it is given a key, and opens them with that key only', async () => {
    const box = new SecretBox(oneKey(new Uint8Array(32).fill(3)));
    await new CheckpointFolder(folder, 'run', box).save({ position: positionAt(1), state });
    expect(await new CheckpointFolder(folder, 'run', box).newest()).toEqual({
      position: positionAt(1),
      state,
    });
    const file = await readFile(join(folder, 'step-000000001', 'state.safetensors'));
    expect(file.includes('filter')).toBe(false);
    const otherBox = new SecretBox(oneKey(new Uint8Array(32).fill(4)));
    expect(await new CheckpointFolder(folder, 'run', otherBox).newest()).toBeUndefined();
  });

  it('says that the disk is full', () => {
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    expect(storageFailure(full, '/runs')).toMatchObject({ reason: 'STORAGE_FULL' });
  });
});
