import { expect, it } from 'vitest';

import { Turns } from './turns.js';

it('work waits for what was asked for before, also where that fails', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const first = turns.take(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    done.push('first');
    throw new Error('no');
  });
  const second = turns.take(() => Promise.resolve(done.push('second')));
  await expect(first).rejects.toThrow('no');
  expect(await second).toBe(2);
  expect(done).toEqual(['first', 'second']);
});
