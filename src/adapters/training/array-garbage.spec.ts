import { setImmediate as afterIo } from 'node:timers/promises';
import { expect, it } from 'vitest';

import { ArrayGarbage } from './array-garbage.js';

const mebibyte = 1024 ** 2;

it('arrays that nobody needs are collected once they are many', async () => {
  const garbage = new ArrayGarbage(32 * mebibyte);
  const before = process.memoryUsage().arrayBuffers;
  for (let step = 0; step < 8; step++) {
    // As a step does that is not told to wait.
    expect(new Float32Array((8 * mebibyte) / 4).fill(step)[0]).toBe(step);
    garbage.add(8 * mebibyte);
  }
  await afterIo();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * mebibyte);
});
