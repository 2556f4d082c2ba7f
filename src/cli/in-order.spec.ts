import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { inOrder, severalAtATime } from './in-order.js';

describe('inOrder', () => {
  it('hands results over in the order of the items, however long each takes', async () => {
    const delaysMs = [30, 1, 20, 1, 1];
    const results: number[] = [];
    let working = 0;
    let most = 0;
    const work = async (delayMs: number): Promise<number> => {
      most = Math.max(most, ++working);
      await sleep(delayMs);
      working--;
      return delayMs;
    };
    await inOrder(delaysMs, 3, work, (delayMs) => results.push(delayMs));
    expect(results).toEqual(delaysMs);
    expect(most).toBe(3);
  });

  it('ends at the item whose work throws, with the results before it', async () => {
    const begun: number[] = [];
    const results: number[] = [];
    const work = async (item: number): Promise<number> => {
      begun.push(item);
      await sleep(item === 1 ? 5 : 1);
      if (item === 2) throw new Error('no server');
      return item;
    };
    await expect(inOrder([1, 2, 3, 4, 5], 2, work, (item) => results.push(item))).rejects.toThrow(
      'no server',
    );
    expect(results).toEqual([1]);
    expect(begun).toEqual([1, 2]);
  });
});

describe('severalAtATime', () => {
  it('takes each item once', async () => {
    const taken: number[] = [];
    await severalAtATime([1, 2, 3, 4, 5, 6, 7], 4, async (item) => {
      await sleep(1);
      taken.push(item);
    });
    expect(taken.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});
