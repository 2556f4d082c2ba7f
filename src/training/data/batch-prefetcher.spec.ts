import { describe, expect, it } from 'vitest';
import { BatchPrefetcher, type BatchPosition } from './batch-prefetcher.js';

const nameOf = ({ epoch, batch }: BatchPosition) => `${epoch}.${batch}`;

function recording(depth: number, batchCount: number) {
  const begun: string[] = [];
  const prefetcher = new BatchPrefetcher(depth, batchCount, (position) => {
    begun.push(nameOf(position));
    return position.batch === 9 ? Promise.reject(new Error('broken')) : Promise.resolve(nameOf(position));
  });
  return { begun, prefetcher };
}

describe('BatchPrefetcher', () => {
  it('makes so many batches ahead, into the next epoch', async () => {
    const { begun, prefetcher } = recording(2, 3);
    expect(await prefetcher.take({ epoch: 0, batch: 0 })).toBe('0.0');
    expect(begun).toEqual(['0.0', '0.1', '0.2']);
    expect(await prefetcher.take({ epoch: 0, batch: 1 })).toBe('0.1');
    expect(begun.slice(3)).toEqual(['1.0']);
    for (const [epoch, batch] of [
      [0, 2],
      [1, 0],
      [1, 1],
    ] as const) {
      expect(await prefetcher.take({ epoch, batch })).toBe(`${epoch}.${batch}`);
    }
    // Nothing twice.
    expect(new Set(begun).size).toBe(begun.length);
  });

  it('begins anew elsewhere', async () => {
    const { begun, prefetcher } = recording(1, 5);
    expect(await prefetcher.take({ epoch: 4, batch: 3 })).toBe('4.3');
    expect(await prefetcher.take({ epoch: 2, batch: 0 })).toBe('2.0');
    expect(begun).toEqual(['4.3', '4.4', '2.0', '2.1']);
  });

  it('is in step again after a batch was given up while it was made', async () => {
    const settle: (() => void)[] = [];
    const prefetcher = new BatchPrefetcher(
      1,
      5,
      (position) =>
        new Promise<string>((resolve) =>
          settle.push(() => {
            resolve(nameOf(position));
          }),
        ),
    );
    const given = prefetcher.take({ epoch: 0, batch: 0 });
    const wanted = prefetcher.take({ epoch: 3, batch: 2 });
    for (const each of settle) each();
    expect(await given).toBe('0.0');
    expect(await wanted).toBe('3.2');
    const next = prefetcher.take({ epoch: 3, batch: 3 });
    for (const each of settle) each();
    expect(await next).toBe('3.3');
  });

  it('tells of a failure when its batch is taken, not before', async () => {
    const { prefetcher } = recording(3, 20);
    expect(await prefetcher.take({ epoch: 0, batch: 7 })).toBe('0.7');
    expect(await prefetcher.take({ epoch: 0, batch: 8 })).toBe('0.8');
    await expect(prefetcher.take({ epoch: 0, batch: 9 })).rejects.toThrow('broken');
  });
});
