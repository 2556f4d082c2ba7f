import { expect, it } from 'vitest';

import { Mutex } from './mutex.js';

it('work waits for what was asked for before, also where that fails', async () => {
  const mutex = new Mutex();
  const done: string[] = [];
  const first = mutex.runExclusive(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    done.push('first');
    throw new Error('no');
  });
  const second = mutex.runExclusive(() => Promise.resolve(done.push('second')));
  await expect(first).rejects.toThrow('no');
  expect(await second).toBe(2);
  expect(done).toEqual(['first', 'second']);
});
