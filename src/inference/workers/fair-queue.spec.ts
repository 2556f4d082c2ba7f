import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.js';

function drain<T>(queue: FairQueue<T>): T[] {
  const taken: T[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(item);
  return taken;
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Calls of one image each, until one is refused. @returns how many were taken */
function fill(queue: FairQueue<number>, share: readonly string[]): number {
  for (let call = 0; call < 10_000; call++) if (!queue.offer([call], [...share, `${call}`])) return call;
  throw new Error('the queue took everything');
}

describe('FairQueue', () => {
  it('takes a pair of each call in turn', () => {
    const queue = new FairQueue<string>(100);
    queue.offer(['a1', 'a2', 'a3'], ['a']);
    queue.offer(['b1'], ['b']);
    queue.offer(['c1', 'c2'], ['c']);
    expect(drain(queue)).toEqual(['a1', 'a2', 'b1', 'c1', 'c2', 'a3']);
    expect(queue.length).toBe(0);
  });

  it('takes turns between tenants, whose calls take turns among themselves', () => {
    const queue = new FairQueue<string>(100);
    for (const call of ['1', '2', '3', '4']) queue.offer([`big${call}`], ['big', 'line', call]);
    queue.offer(['small1', 'small2'], ['small', 'line', '5']);
    expect(drain(queue)).toEqual(['big1', 'small1', 'big2', 'small2', 'big3', 'big4']);
  });

  it('takes turns between the connections of a tenant', () => {
    const queue = new FairQueue<string>(100);
    for (const call of ['1', '2', '3']) queue.offer([`busy${call}`], ['acme', 'busy', call]);
    queue.offer(['quiet'], ['acme', 'quiet', '4']);
    expect(drain(queue)).toEqual(['busy1', 'quiet', 'busy2', 'busy3']);
  });

  it('gives the next turn to who has the fewest items at work', () => {
    const queue = new FairQueue<string>(100);
    for (const call of ['1', '2', '3', '4', '5', '6']) queue.offer([`big${call}`], ['big', 'line', call]);
    const atWork = [queue.take(), queue.take(), queue.take(), queue.take()];
    queue.offer(['small1', 'small2'], ['small', 'line', '7']);
    expect([queue.take(), queue.take()]).toEqual(['small1', 'small2']);
    for (const item of atWork) queue.done(item!);
    queue.offer(['small3'], ['small', 'line', '8']);
    expect(drain(queue)).toEqual(['big5', 'big6', 'small3']);
  });

  it('lets no call wait behind ever new ones', () => {
    const queue = new FairQueue<string>(100);
    queue.offer(['old1', 'old2', 'old3'], ['line', 'old']);
    queue.offer(['new1'], ['line', 'new 1']);
    expect([queue.take(), queue.take(), queue.take()]).toEqual(['old1', 'old2', 'new1']);
    queue.done('old1');
    queue.done('old2');
    queue.offer(['new2'], ['line', 'new 2']);
    expect(queue.take()).toBe('old3');
  });

  it('forgets who has nothing that waits or is at work', () => {
    const queue = new FairQueue<string>(100);
    queue.offer(['a1', 'a2'], ['a', 'line', 'call']);
    queue.offer(['b1'], ['b', 'line', 'call']);
    queue.done(queue.take()!);
    expect(queue.removeWhere((item) => item === 'a2')).toEqual(['a2']);
    queue.done(queue.take()!);
    expect(Reflect.get(queue, 'root')).toMatchObject({ members: new Map(), waiting: 0, atWork: 0 });
  });

  it('gives one tenant alone half of the places, and each that comes later what it needs', () => {
    const queue = new FairQueue<number>(120);
    expect(fill(queue, ['a'])).toBe(60);
    expect(fill(queue, ['b'])).toBe(30);
    expect(fill(queue, ['c'])).toBe(15);
    expect(queue.offer(numbers(8), ['d', 'call'])).toBe(true);
  });

  it('leaves other connections of the same tenant room as well', () => {
    const queue = new FairQueue<number>(120);
    expect(fill(queue, ['acme', 'busy'])).toBe(40);
    expect(queue.offer(numbers(8), ['acme', 'quiet', 'call'])).toBe(true);
    expect(queue.offer(numbers(8), ['other', 'line', 'call'])).toBe(true);
  });

  it('counts a call with many items as no more than a few places', () => {
    const queue = new FairQueue<number>(120);
    for (const call of ['1', '2', '3', '4']) expect(queue.offer(numbers(128), ['acme', call])).toBe(true);
    expect(queue.length).toBe(512);
    expect(queue.offer([1, 2], ['acme', 'small'])).toBe(true);
    expect(fill(queue, ['acme'])).toBeLessThan(60);
  });

  it('takes a call whole or not at all', () => {
    const queue = new FairQueue<number>(3);
    expect(queue.offer([1, 2], ['a'])).toBe(true);
    expect(queue.offer([3, 4], ['b'])).toBe(false);
    expect(queue.length).toBe(2);
    expect(queue.offer([3], ['c'])).toBe(true);
    expect(drain(queue)).toEqual([1, 2, 3]);
  });

  it('takes a call above its capacity only when nothing waits', () => {
    const queue = new FairQueue<number>(2);
    expect(queue.offer([1, 2, 3, 4], ['a'])).toBe(true);
    expect(queue.offer([5], ['b'])).toBe(false);
    expect(drain(queue)).toEqual([1, 2, 3, 4]);
  });

  it('puts a returned item first, whatever the capacity', () => {
    const queue = new FairQueue<number>(1);
    queue.offer([1], ['a']);
    queue.putBack(0);
    expect(drain(queue)).toEqual([0, 1]);
  });

  it('removes what matches and keeps count', () => {
    const queue = new FairQueue<number>(100);
    queue.offer([1, 2, 3], ['a', 'b', 'c']);
    queue.offer([4], ['a', 'b', 'd']);
    queue.putBack(6);
    expect(queue.removeWhere((item) => item % 2 === 0).sort()).toEqual([2, 4, 6]);
    expect(queue.length).toBe(2);
    expect(drain(queue)).toEqual([1, 3]);
  });
});
