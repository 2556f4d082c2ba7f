import { distanceRatio } from '../../core/protocols/metrics/half-symmetry.js';
import {
  type ConfidenceInterval,
  identityBootstrap,
  type PairIdentities,
  percentileInterval,
} from '../../core/protocols/metrics/identity-bootstrap.js';
import { rankPairs, supportedFalseMatchRates } from '../../core/protocols/metrics/operating-points.js';
import type { ScoredPairs } from '../../core/protocols/metrics/scored-pairs.js';
import { weightedFigures } from '../../core/protocols/metrics/weighted-figures.js';
import { uniformGenerator } from '../../core/random/seeded-random.js';
import type { SetScores } from '../runs/pair-scores-file.js';
import { falseMatchRateText } from '../../core/protocols/figure-text.js';

/** What a finished run said of the pairs of its evaluation sets. */
export interface RunScores {
  readonly cell: string;
  readonly seed: number;
  readonly sets: Readonly<Record<string, SetScores>>;
}

/** What redrawn persons and seeds say of a difference. */
export interface DifferenceEvidence {
  /** 95 %, percentiles of the redrawn differences. */
  readonly interval: ConfidenceInterval;
  /** Two-sided: twice the share of redrawn differences on the rarer side of 0, never below 2 / (draws + 1). */
  readonly pValue: number;
}

/** Figures by name, each with one value for every draw of persons. */
type DrawnFigures = ReadonlyMap<string, Float64Array>;

/** The draws of experiments: so many that a p-value stays below 0.05 when it is multiplied by some 200 comparisons. */
export const experimentDraws = { count: 10_000, seed: 20_240_916 } as const;

/**
 * The bootstrap of persons crossed with seeds (Owen 2007, "The pigeonhole bootstrap"): both are drawn anew with replacement, as
 * many as there are, the persons as `identityBootstrap` draws them and the same for all runs, and a difference is the mean over
 * the drawn seeds. It says what other persons and other seeds would have given; and where both vary it is, if anything, wide.
 */
export class CrossedBootstrap {
  /** By set, then by run. */
  private readonly drawn = new Map<string, ReadonlyMap<string, DrawnFigures>>();

  constructor(
    runs: readonly RunScores[],
    private readonly draws: { readonly count: number; readonly seed: number } = experimentDraws,
  ) {
    for (const set of new Set(runs.flatMap(({ sets }) => Object.keys(sets)))) {
      const scored = runs.flatMap((run) => {
        const scores = run.sets[set];
        return scores === undefined ? [] : [{ key: keyOf(run.cell, run.seed), scores }];
      });
      this.drawn.set(set, drawnFigures(scored, this.draws));
    }
  }

  /**
   * The evidence for the other cell's figure being another than the baseline's.
   * @param seeds of runs that both have
   * @returns undefined where there are fewer than two, or the figure is not one of pairs of known persons
   */
  difference(
    set: string,
    figure: string,
    cells: { readonly baseline: string; readonly other: string },
    seeds: readonly number[],
  ): DifferenceEvidence | undefined {
    const bySeed = seeds.flatMap((seed) => {
      const [before, after] = [cells.baseline, cells.other].map((cell) =>
        this.drawn.get(set)?.get(keyOf(cell, seed))?.get(figure),
      );
      return before === undefined || after === undefined ? [] : [{ before, after }];
    });
    if (bySeed.length < 2 || bySeed.length < seeds.length) return undefined;
    const uniform = uniformGenerator(this.draws.seed);
    const differences: number[] = [];
    for (let draw = 0; draw < this.draws.count; draw++) {
      let sum = 0;
      for (const index of bySeed.map(() => Math.floor(uniform() * bySeed.length))) {
        const of = bySeed[index];
        sum += (of?.after[draw] ?? Number.NaN) - (of?.before[draw] ?? Number.NaN);
      }
      // Very few persons may be drawn so that there is no pair of a kind.
      if (Number.isFinite(sum)) differences.push(sum / bySeed.length);
    }
    if (differences.length === 0) return undefined;
    return { interval: percentileInterval(differences), pValue: twoSided(differences) };
  }
}

function twoSided(differences: readonly number[]): number {
  const notAbove = differences.filter((difference) => difference <= 0).length;
  const notBelow = differences.filter((difference) => difference >= 0).length;
  return Math.min(1, (2 * (1 + Math.min(notAbove, notBelow))) / (differences.length + 1));
}

interface KeyedScores {
  readonly key: string;
  readonly scores: SetScores;
}

function drawnFigures(
  runs: readonly KeyedScores[],
  draws: { readonly count: number; readonly seed: number },
): ReadonlyMap<string, DrawnFigures> {
  const ofPairs = redrawn(
    runs.map(({ key, scores: { pairs } }) => ({
      key,
      pairs,
      figuresOf: figuresOfPairs(pairs, pairs.decidedRightly),
    })),
    draws,
  );
  const ofHalves = redrawn(
    runs.flatMap(({ key, scores: { halves } }) =>
      halves === undefined ? [] : [{ key, pairs: halves, figuresOf: figuresOfHalves(halves) }],
    ),
    draws,
  );
  return new Map(
    runs.map(({ key }) => [key, new Map([...(ofPairs.get(key) ?? []), ...(ofHalves.get(key) ?? [])])]),
  );
}

interface RedrawnRun {
  readonly key: string;
  readonly pairs: ScoredPairs & { readonly identities: readonly PairIdentities[] | undefined };
  readonly figuresOf: (weights: Float64Array) => Readonly<Record<string, number>> | undefined;
}

/** The figures of runs on one list of pairs, for the same draws of persons; none where persons or lists are not the same. */
function redrawn(
  runs: readonly RedrawnRun[],
  { count, seed }: { readonly count: number; readonly seed: number },
): ReadonlyMap<string, DrawnFigures> {
  const figures = new Map<string, Map<string, Float64Array>>(runs.map(({ key }) => [key, new Map()]));
  const identities = runs[0]?.pairs.identities;
  if (identities === undefined || !runs.every(({ pairs }) => isSameList(pairs.identities, identities)))
    return figures;
  let draw = 0;
  for (const weights of identityBootstrap(identities, count, seed)) {
    for (const { key, figuresOf } of runs)
      for (const [figure, value] of Object.entries(figuresOf(weights) ?? {})) {
        const values = figures.get(key)?.get(figure) ?? new Float64Array(count).fill(Number.NaN);
        values[draw] = value;
        figures.get(key)?.set(figure, values);
      }
    draw++;
  }
  return figures;
}

function isSameList(a: readonly PairIdentities[] | undefined, b: readonly PairIdentities[]): boolean {
  return (
    a?.length === b.length && a.every(([one, other], index) => b[index]?.[0] === one && b[index][1] === other)
  );
}

function figuresOfPairs(pairs: ScoredPairs, decidedRightly: readonly boolean[]): RedrawnRun['figuresOf'] {
  const rates = supportedFalseMatchRates(pairs.genuine.filter((genuine) => !genuine).length);
  const rateNames = rates.map((rate) => `trueAcceptRate@${falseMatchRateText(rate)}`);
  const figuresAt = weightedFigures(rankPairs(pairs), rates);
  return (weights) => {
    const figures = figuresAt(weights);
    if (figures === undefined) return undefined;
    const { equalErrorRate, areaUnderCurve, trueAcceptRates } = figures;
    const accepted = rateNames.map((name, index) => [name, trueAcceptRates[index] ?? Number.NaN]);
    return {
      accuracy: weightedShare(decidedRightly, weights),
      equalErrorRate,
      areaUnderCurve,
      ...(Object.fromEntries(accepted) as Record<string, number>),
    };
  };
}

function figuresOfHalves(pairs: ScoredPairs): RedrawnRun['figuresOf'] {
  const figuresAt = weightedFigures(rankPairs(pairs), []);
  return (weights) => {
    const figures = figuresAt(weights);
    return (
      figures && { halfRatio: distanceRatio(pairs, weights), halfAreaUnderCurve: figures.areaUnderCurve }
    );
  };
}

function weightedShare(flags: readonly boolean[], weights: Float64Array): number {
  let [share, all] = [0, 0];
  for (let pair = 0; pair < flags.length; pair++) {
    const weight = weights[pair] ?? 0;
    all += weight;
    if (flags[pair] === true) share += weight;
  }
  return share / all;
}

function keyOf(cell: string, seed: number): string {
  return `${cell} ${seed}`;
}
