import { expect, it } from 'vitest';
import { identityBootstrap } from '../../src/core/protocols/metrics/identity-bootstrap.js';
import {
  equalErrorRate,
  operatingPoints,
  pointAtFalseMatchRate,
  rankPairs,
} from '../../src/core/protocols/metrics/operating-points.js';
import { uniformGenerator } from '../../src/core/random/seeded-random.js';

interface Figures {
  readonly eer: number;
  readonly tar: number;
}

interface Program {
  readonly rankedPairs: (embeddings: readonly Float32Array[], labels: readonly string[]) => object;
  readonly personFigures: (
    pairs: object,
    falseMatchRate: number,
  ) => Figures & {
    readonly genuinePairs: number;
    readonly impostorPairs: number;
    readonly samples: readonly Figures[];
  };
  readonly differenceOf: (
    before: object,
    after: object,
    name: 'eer' | 'tar',
  ) => { readonly difference: number; readonly interval: { readonly lower: number; readonly upper: number } };
}

const path = new URL('../../bench/retraining/person-bootstrap.mjs', import.meta.url).href;
const { rankedPairs, personFigures, differenceOf } = (await import(/* @vite-ignore */ path)) as Program;

const persons = 12;
const labels = Array.from({ length: 60 }, (_, face) => `p${face % persons}`);

/** Faces around one direction a person. @param spread of a person's faces */
function faces(spread: number): readonly Float32Array[] {
  const uniform = uniformGenerator(7);
  const centres = Array.from({ length: persons }, () => Array.from({ length: 8 }, () => uniform() - 0.5));
  return labels.map((_, face) => {
    const values = centres[face % persons]!.map((value) => value + spread * (uniform() - 0.5));
    const length = Math.hypot(...values);
    return Float32Array.from(values, (value) => value / length);
  });
}

const cosine = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, index) => sum + value * b[index]!, 0);

/** The same by the product's own metrics, which make every operating point of every sample. */
function byOperatingPoints(embeddings: readonly Float32Array[], rate: number, replicates: number) {
  const pairs = labels.flatMap((_, a) =>
    labels.slice(a + 1).map((__, offset) => [a, a + 1 + offset] as const),
  );
  const similarities = Float64Array.from(pairs, ([a, b]) =>
    Math.fround(cosine(embeddings[a]!, embeddings[b]!)),
  );
  const ranked = rankPairs({ similarities, genuine: pairs.map(([a, b]) => labels[a] === labels[b]) });
  const identities = pairs.map(([a, b]) => [labels[a]!, labels[b]!] as const);
  const figures = (weights?: Float64Array): Figures => {
    const points = operatingPoints(ranked, weights);
    return { eer: equalErrorRate(points), tar: pointAtFalseMatchRate(points, rate).trueAcceptRate };
  };
  const samples = [...identityBootstrap(identities, replicates, 20_240_916)].map(figures);
  return { ...figures(), samples };
}

it.each([1e-2, 0.4])(
  'has the figures of the metrics of benchmarks, in each sample of persons (FMR %s)',
  (rate) => {
    const embeddings = faces(0.9);
    const expected = byOperatingPoints(embeddings, rate, 20);
    const found = personFigures(rankedPairs(embeddings, labels), rate);
    expect(found.eer).toBeCloseTo(expected.eer, 12);
    expect(found.tar).toBeCloseTo(expected.tar, 12);
    expect(found.genuinePairs).toBe((persons * (5 * 4)) / 2);
    expect(found.impostorPairs).toBe((60 * 59) / 2 - found.genuinePairs);
    for (const [index, sample] of expected.samples.entries()) {
      expect(found.samples[index]!.eer).toBeCloseTo(sample.eer, 12);
      expect(found.samples[index]!.tar).toBeCloseTo(sample.tar, 12);
    }
  },
);

it('compares by the same samples of persons', () => {
  const [worse, better] = [0.9, 0.5].map((spread) => personFigures(rankedPairs(faces(spread), labels), 1e-2));
  const { difference, interval } = differenceOf(worse!, better!, 'eer');
  expect(difference).toBeLessThan(0);
  expect(interval.upper).toBeLessThan(0);
  expect(differenceOf(worse!, worse!, 'eer')).toEqual({ difference: 0, interval: { lower: 0, upper: 0 } });
});
