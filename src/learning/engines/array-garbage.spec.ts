import { setImmediate as afterIo } from 'node:timers/promises';
import { expect, it } from 'vitest';

import { ArrayGarbage } from './array-garbage.js';

const mebibyte = 1024 ** 2;

it('arrays that nobody needs are collected once they are many', async () => {
  const garbage = new ArrayGarbage(32 * mebibyte);
  // Not the process' memory: V8 gives it back later, on a thread that a busy machine may keep waiting.
  const made: WeakRef<Float32Array>[] = [];
  const alive: number[] = [];
  for (let step = 0; step < 8; step++) {
    made.push(new WeakRef(new Float32Array((8 * mebibyte) / 4)));
    // Whatever a weak reference was made of lives to the end of its job.
    await afterIo();
    garbage.add(8 * mebibyte);
    alive.push(made.filter((array) => array.deref() !== undefined).length);
    await afterIo();
  }
  // V8 may have collected earlier by itself.
  expect({ afterFour: alive[3], afterEight: alive[7] }).toEqual({ afterFour: 0, afterEight: 0 });
});
