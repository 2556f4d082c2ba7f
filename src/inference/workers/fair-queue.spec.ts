import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.js';

function drain<T>(queue: FairQueue<T>): T[] {
  const taken: T[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(item);
  return taken;
}

describe('FairQueue', () => {
  it('takes one item of each call in turn', () => {
    const queue = new FairQueue<string>(10);
    queue.offer(['a1', 'a2', 'a3']);
    queue.offer(['b1']);
    queue.offer(['c1', 'c2']);
    expect(drain(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
    expect(queue.length).toBe(0);
  });

  it('takes a call whole or not at all', () => {
    const queue = new FairQueue<number>(3);
    expect(queue.offer([1, 2])).toBe(true);
    expect(queue.offer([3, 4])).toBe(false);
    expect(queue.length).toBe(2);
    expect(queue.offer([3])).toBe(true);
    expect(drain(queue)).toEqual([1, 3, 2]);
  });

  it('takes a call above its capacity only when nothing waits', () => {
    const queue = new FairQueue<number>(2);
    expect(queue.offer([1, 2, 3, 4])).toBe(true);
    expect(queue.offer([5])).toBe(false);
    expect(drain(queue)).toEqual([1, 2, 3, 4]);
  });

  it('puts a returned item first, whatever the capacity', () => {
    const queue = new FairQueue<number>(1);
    queue.offer([1]);
    queue.putBack(0);
    expect(drain(queue)).toEqual([0, 1]);
  });

  it('removes what matches and keeps count', () => {
    const queue = new FairQueue<number>(10);
    queue.offer([1, 2, 3]);
    queue.offer([4]);
    expect(queue.removeWhere((item) => item % 2 === 0)).toEqual([2, 4]);
    expect(queue.length).toBe(2);
    expect(drain(queue)).toEqual([1, 3]);
  });
});
