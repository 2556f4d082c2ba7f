import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { oneKey, SecretBox } from '../../src/storage/encryption/secret-box.js';
import { OpenedBytes } from '../../src/storage/encryption/opened-bytes.js';
import { DigestedBytes, FileByteReader } from '../../src/storage/files/byte-reader.js';
import { safetensorsArrays, writeSafetensorsFile } from '../../src/storage/weights/safetensors-file.js';

/** One array under many names, 64 MiB each: together more than a buffer of Node 20 can hold. */
const arrayCount = 66;
const values = Float32Array.from({ length: 2 ** 24 }, (_, index) => index % 65_537);
const weights = new Map(
  Array.from({ length: arrayCount }, (_, index) => [`array ${index}`, { shape: [2 ** 24], values }]),
);
const seal = { box: new SecretBox(oneKey(new Uint8Array(32).fill(3))), context: 'state' };
/** Far less than the file, and more than some arrays that are not collected yet. */
const mostBytesBeside = 1.5 * 2 ** 30;

it.each([{ sealed: false }, { sealed: true }])(
  'weights of more than 4 GiB are written and read in little memory (sealed: $sealed)',
  async ({ sealed }) => {
    const folder = await mkdtemp(join(tmpdir(), 'symface-past-4-gib-'));
    const path = join(folder, 'state.safetensors');
    const before = process.memoryUsage.rss();
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
    try {
      const sha256 = await writeSafetensorsFile(path, weights, sealed ? seal : undefined);
      expect((await stat(path)).size).toBeGreaterThan(2 ** 32);
      const file = await FileByteReader.open(path);
      const digested = new DigestedBytes(file);
      const opened = sealed ? await OpenedBytes.begin(digested, seal.box, seal.context) : undefined;
      let count = 0;
      for await (const [, array] of safetensorsArrays(opened ?? digested)) {
        expect(Buffer.compare(Buffer.from(array.values.buffer), Buffer.from(values.buffer))).toBe(0);
        count++;
      }
      await opened?.requireGenuine();
      await file.close();
      expect(count).toBe(arrayCount);
      expect(digested.sha256()).toBe(sha256);
      expect(peak - before).toBeLessThan(mostBytesBeside);
    } finally {
      clearInterval(watch);
      await rm(folder, { recursive: true, force: true });
    }
  },
);
