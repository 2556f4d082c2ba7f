import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readReplaySettings } from './read-replay-settings.js';

describe('readReplaySettings', () => {
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-replay-'));
    file = join(folder, 'replay.yaml');
    const settings =
      'format: identity-list\npath: list.tsv\nimages: images\nkind: aligned-crop\nidentityLimit: 50\n';
    await writeFile(file, settings);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('is none where none is set or none is wanted', async () => {
    expect(await readReplaySettings(undefined, undefined)).toBeUndefined();
    expect(await readReplaySettings(undefined, 0)).toBeUndefined();
    expect(await readReplaySettings(join(folder, 'missing'), 0)).toBeUndefined();
  });

  it('takes a folder for one of tagged photographs', async () => {
    const photographs = { format: 'identity-folder', path: folder, kind: 'photograph' };
    expect(await readReplaySettings(folder, undefined)).toEqual(photographs);
    expect(await readReplaySettings(folder, 7)).toEqual({ ...photographs, identityLimit: 7 });
  });

  it('reads a file’s settings, with paths relative to it and the lower of both limits', async () => {
    const settings = {
      format: 'identity-list',
      path: join(folder, 'list.tsv'),
      images: join(folder, 'images'),
      kind: 'aligned-crop',
    };
    expect(await readReplaySettings(file, undefined)).toEqual({ ...settings, identityLimit: 50 });
    expect(await readReplaySettings(file, 9)).toEqual({ ...settings, identityLimit: 9 });
    expect(await readReplaySettings(file, 90)).toEqual({ ...settings, identityLimit: 50 });
  });

  it('names what is wrong', async () => {
    const missing = readReplaySettings(join(folder, 'missing'), undefined);
    await expect(missing).rejects.toMatchObject({
      reason: 'DATASET_INVALID',
      message: 'The replay data: missing cannot be read; SYMFACE_REPLAY_DATA names it.',
    });
    const wrong = join(folder, 'wrong.yaml');
    await writeFile(wrong, 'format: enrolled-faces\npath: faces\nkind: photograph\n');
    await expect(readReplaySettings(wrong, undefined)).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: expect.stringContaining('wrong.yaml: format: ') as string,
    });
    await expect(readReplaySettings(undefined, 3)).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: expect.stringContaining('SYMFACE_REPLAY_DATA') as string,
    });
  });
});
