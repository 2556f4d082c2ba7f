import { describe, expect, it } from 'vitest';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { sampleClasses, sampledClassCount, withSampledClasses } from './sampled-classes.js';

const start = { epoch: 0, batch: 0 };

describe('sampledClassCount', () => {
  it('is the share of the classes, with room for those of the samples', () => {
    expect(sampledClassCount(0.1, 85_742, 512)).toBe(8575);
    expect(sampledClassCount(0.1, 1000, 512)).toBe(512);
    expect(sampledClassCount(0.1, 300, 512)).toBe(300);
    expect(sampledClassCount(1, 300, 10)).toBe(300);
  });
});

describe('sampleClasses', () => {
  it('has the classes of the samples, and others once each, ascending', () => {
    const classes = sampleClasses([7, 3, 7, 99], { count: 20, classCount: 100 }, 1, start);
    expect(classes).toHaveLength(20);
    expect([...classes]).toEqual([...new Set(classes)].sort((a, b) => a - b));
    for (const label of [3, 7, 99]) expect(classes).toContain(label);
    expect(Math.max(...classes)).toBeLessThan(100);
  });

  it('takes each of the others equally often', () => {
    const counts = new Array<number>(30).fill(0);
    const draws = 6000;
    for (let batch = 0; batch < draws; batch++)
      for (const each of sampleClasses([4], { count: 10, classCount: 30 }, 3, { epoch: 1, batch }))
        counts[each] = (counts[each] ?? 0) + 1;
    expect(counts[4]).toBe(draws);
    // Nine of 29: a binomial, within five standard deviations.
    const [share, deviation] = [9 / 29, Math.sqrt(draws * (9 / 29) * (20 / 29))];
    for (const [each, count] of counts.entries())
      if (each !== 4) expect(Math.abs(count - draws * share), `class ${each}`).toBeLessThan(5 * deviation);
  });

  it('is the same at the same place of a run, and another elsewhere', () => {
    const at = (epoch: number, batch: number, seed = 1) =>
      sampleClasses([0], { count: 50, classCount: 1000 }, seed, { epoch, batch }).join();
    expect(at(2, 3)).toBe(at(2, 3));
    expect(new Set([at(2, 3), at(2, 4), at(3, 3), at(2, 3, 2)]).size).toBe(4);
  });

  it('is all classes where that many are asked for, and refuses too few', () => {
    expect([...sampleClasses([2], { count: 4, classCount: 4 }, 1, start)]).toEqual([0, 1, 2, 3]);
    expect(() => sampleClasses([0, 1, 2], { count: 2, classCount: 9 }, 1, start)).toThrow(
      /more than 2 classes/u,
    );
  });
});

describe('withSampledClasses', () => {
  it('names the labels by their places among the classes', () => {
    const batch = { labels: Int32Array.of(90, 3, 40, 3) } as TrainingBatch;
    const classes = Int32Array.of(3, 8, 40, 55, 90);
    expect([...withSampledClasses(batch, classes).labels]).toEqual([4, 0, 2, 0]);
    expect(() => withSampledClasses(batch, Int32Array.of(3, 40, 91))).toThrow(/class 90 is not among/u);
  });
});
