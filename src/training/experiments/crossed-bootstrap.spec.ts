import { describe, expect, it } from 'vitest';

import { uniformGenerator } from '../../core/random/seeded-random.js';
import type { PairScores } from '../../core/protocols/pair-scores.js';
import { CrossedBootstrap, type RunScores } from './crossed-bootstrap.js';

/** Genuine pairs of persons, one each, decided as told, and impostor pairs of neighbours, decided rightly. */
function scoresOf(decided: readonly boolean[]): PairScores {
  const persons = [...decided.keys()].map(String);
  const neighbour = (person: number): string => persons[(person + 1) % persons.length]!;
  return {
    similarities: Float64Array.from([...decided, ...decided], (right, pair) =>
      pair >= decided.length ? 0 : right ? 0.9 : -0.9,
    ),
    genuine: [...decided.map(() => true), ...decided.map(() => false)],
    decidedRightly: [...decided, ...decided.map(() => true)],
    identities: [
      ...persons.map((person) => [person, person] as const),
      ...persons.map((person, index) => [person, neighbour(index)] as const),
    ],
  };
}

const run = (cell: string, seed: number, decided: readonly boolean[]): RunScores => ({
  cell,
  seed,
  sets: { lfw: { pairs: scoresOf(decided), halves: undefined } },
});
const cells = { baseline: 'a', other: 'b' };
const draws = { count: 2000, seed: 7 };
const all = (count: number, value: boolean): boolean[] => Array.from({ length: count }, () => value);

describe('the bootstrap of persons crossed with seeds', () => {
  it('has no spread where all persons and seeds say the same', () => {
    const runs = [1, 2, 3].flatMap((seed) => [run('a', seed, all(20, false)), run('b', seed, all(20, true))]);
    const evidence = new CrossedBootstrap(runs, draws).difference('lfw', 'areaUnderCurve', cells, [1, 2, 3])!;
    // Of one cell every genuine pair is above every impostor pair, of the other below.
    expect(evidence.interval).toEqual({ lower: 1, upper: 1 });
    // Never on the other side of 0: 2 / (2000 + 1).
    expect(evidence.pValue).toBeCloseTo(2 / 2001, 12);
  });

  it('spreads by persons where seeds agree', () => {
    // Of 100 persons 20 are gained: a share of the genuine pairs of 0.2 ± √(0.2 · 0.8 / 100) = 0.04.
    const gained = all(100, false).map((_, person) => person % 5 === 0);
    const runs = [1, 2].flatMap((seed) => [run('a', seed, all(100, false)), run('b', seed, gained)]);
    const { interval } = new CrossedBootstrap(runs, draws).difference(
      'lfw',
      'trueAcceptRate@1e-1',
      cells,
      [1, 2],
    )!;
    // 1.96 · 0.04 on both sides.
    expect(interval.lower).toBeCloseTo(0.2 - 0.078, 1);
    expect(interval.upper).toBeCloseTo(0.2 + 0.078, 1);
    expect(interval.upper - interval.lower).toBeGreaterThan(0.12);
    expect(interval.upper - interval.lower).toBeLessThan(0.2);
  });

  it('spreads by seeds where persons agree', () => {
    // One of two seeds gains every person: the mean over two drawn seeds is 0, 1/2 or 1, with 1/4, 1/2 and 1/4.
    const runs = [
      run('a', 1, all(20, false)),
      run('b', 1, all(20, true)),
      run('a', 2, all(20, false)),
      run('b', 2, all(20, false)),
    ];
    const { interval, pValue } = new CrossedBootstrap(runs, draws).difference(
      'lfw',
      'areaUnderCurve',
      cells,
      [1, 2],
    )!;
    expect(interval).toEqual({ lower: 0, upper: 1 });
    // A quarter of the draws are not above 0.
    expect(pValue).toBeCloseTo(0.5, 1);
  });

  it('finds chance to be chance', () => {
    const uniform = uniformGenerator(4);
    const drawn = () => all(60, false).map(() => uniform() < 0.7);
    const runs = [1, 2, 3].flatMap((seed) => [run('a', seed, drawn()), run('b', seed, drawn())]);
    const evidence = new CrossedBootstrap(runs, draws).difference('lfw', 'accuracy', cells, [1, 2, 3])!;
    expect(evidence.interval.lower).toBeLessThan(0);
    expect(evidence.interval.upper).toBeGreaterThan(0);
    expect(evidence.pValue).toBeGreaterThan(0.05);
  });

  it('says nothing of one seed, of figures that are not of pairs, and of persons that are not named', () => {
    const runs = [1, 2].flatMap((seed) => [run('a', seed, all(9, false)), run('b', seed, all(9, true))]);
    const bootstrap = new CrossedBootstrap(runs, draws);
    expect(bootstrap.difference('lfw', 'accuracy', cells, [1])).toBeUndefined();
    expect(bootstrap.difference('lfw', 'intraClassVariance', cells, [1, 2])).toBeUndefined();
    const unnamed = runs.map(({ cell, seed, sets }) => ({
      cell,
      seed,
      sets: { lfw: { pairs: { ...sets['lfw']!.pairs, identities: undefined }, halves: undefined } },
    }));
    expect(new CrossedBootstrap(unnamed, draws).difference('lfw', 'accuracy', cells, [1, 2])).toBeUndefined();
  });
});
