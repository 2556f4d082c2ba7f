import { describe, expect, it } from 'vitest';
import { shuffle, streamSeed, uniformGenerator } from './seeded-random.js';

describe('uniformGenerator', () => {
  it('is mulberry32', () => {
    // Computed by a transcription of the published function into Python, with the state 1.
    const uniform = uniformGenerator(1);
    expect([uniform(), uniform(), uniform()].map((value) => Math.round(value * 2 ** 32))).toEqual([
      2693262067, 11749833, 2265367787,
    ]);
  });
});

describe('streamSeed', () => {
  it('tells seeds and streams apart', () => {
    const seeds = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      for (let stream = 0; stream < 50; stream++) seeds.add(streamSeed(seed, stream));
    }
    expect(seeds.size).toBe(2500);
  });
});

describe('shuffle', () => {
  it('gives every order equally often', () => {
    const uniform = uniformGenerator(7);
    const counts = new Map<string, number>();
    for (let run = 0; run < 6000; run++) {
      const order = shuffle([0, 1, 2], uniform).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Six standard deviations of a binomial with 6000 draws at 1/6.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(6 * 28.9);
  });

  it('leaves nothing and one as they are', () => {
    expect(shuffle([], () => 0)).toEqual([]);
    expect(shuffle(Uint32Array.of(4), () => 0)).toEqual(Uint32Array.of(4));
  });
});
