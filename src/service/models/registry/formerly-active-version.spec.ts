import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formerlyActiveVersion } from './formerly-active-version.js';

describe('formerlyActiveVersion', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-active-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('reads what an older build has activated', async () => {
    await mkdir(join(folder, 'active'));
    await writeFile(join(folder, 'active', 'backbone.json'), '{"id":"net-0123456789ab"}\n');
    expect(await formerlyActiveVersion(folder, 'backbone')).toBe('net-0123456789ab');
    expect(await formerlyActiveVersion(folder, 'detector')).toBeUndefined();
  });

  it('takes no damaged record for none: another model would serve silently', async () => {
    await mkdir(join(folder, 'active'));
    await writeFile(join(folder, 'active', 'backbone.json'), '{"id":');
    await expect(formerlyActiveVersion(folder, 'backbone')).rejects.toThrow(SyntaxError);
  });
});
