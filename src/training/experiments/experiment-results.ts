import type { FailureRecord } from '../../core/failure-record.js';
import { type Cell, pairsAlong } from './experiment-matrix.js';
import { holmAdjusted } from '../../core/protocols/metrics/holm.js';
import type { CrossedBootstrap, DifferenceEvidence } from './crossed-bootstrap.js';
import { type PairedDifference, pairedDifference, type SeedSummary, summarise } from './seed-statistics.js';

/** Figures by name. */
export type MetricValues = Readonly<Record<string, number>>;

/** What one run came to. */
export interface RunMetrics {
  /** Figures of the training itself, for example `faceLoss`. */
  readonly training: MetricValues;
  /** Figures by evaluation set, for example `accuracy` of `lfw`. */
  readonly sets: Readonly<Record<string, MetricValues>>;
}

/** A cell trained from one seed. */
export interface ExperimentRun {
  readonly cell: string;
  readonly seed: number;
  readonly state: 'finished' | 'failed' | 'unfinished';
  /** Why it failed; a reason where it is one of `docs/errors.md`. */
  readonly failure?: FailureRecord;
  /** The figures of a run that is finished. */
  readonly figures?: RunMetrics;
}

/** How cells are compared: along an axis, with what its baseline is. */
export interface Comparison {
  readonly axis: string;
  readonly baseline: string;
}

export type Summaries = Readonly<Record<string, SeedSummary>>;

export interface CellResult extends Cell {
  readonly training: Summaries;
  readonly sets: Readonly<Record<string, Summaries>>;
}

/** What redrawn persons and seeds say of a difference, among all that are compared. */
export interface AdjustedEvidence extends DifferenceEvidence {
  /** The p-value by Holm's correction for all differences of the experiment that have one. */
  readonly adjustedPValue: number;
  /** Whether that is below 0.05. */
  readonly isBeyondChance: boolean;
}

export interface MetricDifference extends PairedDifference {
  readonly set: string;
  readonly figure: string;
  /** Names of the cells; the difference is the other's less the baseline's. */
  readonly baseline: string;
  readonly other: string;
  /** Undefined while runs are missing, for one seed, and for figures that are not of pairs of named persons. */
  readonly evidence: AdjustedEvidence | undefined;
}

/** The network whose weights are the mean of those of a cell's runs. */
export interface CellAverage {
  readonly cell: string;
  /** The figures by evaluation set. */
  readonly sets: Readonly<Record<string, MetricValues>>;
}

export interface ExperimentResults {
  readonly runs: readonly ExperimentRun[];
  readonly cells: readonly CellResult[];
  readonly comparison: Comparison | undefined;
  readonly differences: readonly MetricDifference[];
  /** The means of the cells whose runs' weights were averaged. */
  readonly means: readonly CellAverage[];
}

const significance = 0.05;

/**
 * Means over seeds of each cell, and differences between cells that a comparison is about.
 * @param bootstrap of all finished runs; where it is undefined, differences have no evidence yet
 */
export function experimentResults(
  cells: readonly Cell[],
  runs: readonly ExperimentRun[],
  comparison: Comparison | undefined,
  means: readonly CellAverage[] = [],
  bootstrap?: CrossedBootstrap,
): ExperimentResults {
  const results = cells.map(({ name, values }) => cellResult({ name, values }, finishedOf(runs, name)));
  const differences =
    comparison === undefined
      ? []
      : pairsAlong(results, comparison.axis, comparison.baseline).flatMap(({ baseline, other }) =>
          differencesOf(baseline, other, runs, bootstrap),
        );
  return { runs, cells: results, comparison, differences: adjusted(differences), means };
}

interface FinishedRun {
  readonly seed: number;
  readonly figures: RunMetrics;
}

function finishedOf(runs: readonly ExperimentRun[], cell: string): readonly FinishedRun[] {
  return runs.flatMap((run) =>
    run.cell === cell && run.figures !== undefined ? [{ seed: run.seed, figures: run.figures }] : [],
  );
}

function cellResult(cell: Cell, runs: readonly FinishedRun[]): CellResult {
  const figures = runs.map((run) => run.figures);
  const sets = keysOf(figures.map((run) => run.sets));
  return {
    ...cell,
    training: summariesOf(figures.map(({ training }) => training)),
    sets: Object.fromEntries(
      sets.map((set) => [set, summariesOf(figures.map((run) => run.sets[set] ?? {}))]),
    ),
  };
}

function summariesOf(figures: readonly MetricValues[]): Summaries {
  return Object.fromEntries(
    keysOf(figures).map((name) => [name, summarise(figures.flatMap((of) => of[name] ?? []))]),
  );
}

function differencesOf(
  baseline: CellResult,
  other: CellResult,
  runs: readonly ExperimentRun[],
  bootstrap: CrossedBootstrap | undefined,
): readonly UnadjustedDifference[] {
  const [before, after] = [finishedOf(runs, baseline.name), finishedOf(runs, other.name)];
  const names = { baseline: baseline.name, other: other.name };
  return Object.entries(other.sets).flatMap(([set, summaries]) =>
    Object.keys(summaries).flatMap((figure) => {
      const [had, has] = [bySeed(before, set, figure), bySeed(after, set, figure)];
      const difference = pairedDifference(had, has);
      if (difference === undefined) return [];
      const seeds = [...has.keys()].filter((seed) => had.has(seed));
      const evidence = bootstrap?.difference(set, figure, names, seeds);
      return [{ set, figure, ...names, ...difference, evidence }];
    }),
  );
}

type UnadjustedDifference = Omit<MetricDifference, 'evidence'> & {
  readonly evidence: DifferenceEvidence | undefined;
};

/** One family: whoever looks at the whole table looks at all of them. */
function adjusted(differences: readonly UnadjustedDifference[]): readonly MetricDifference[] {
  const compared = differences.flatMap(({ evidence }) => evidence ?? []);
  const adjustedPValues = new Map(
    holmAdjusted(compared.map(({ pValue }) => pValue)).map((value, index) => [compared[index], value]),
  );
  return differences.map(({ evidence, ...difference }) => {
    const adjustedPValue = adjustedPValues.get(evidence);
    if (evidence === undefined || adjustedPValue === undefined) return { ...difference, evidence: undefined };
    const isBeyondChance = adjustedPValue < significance;
    return { ...difference, evidence: { ...evidence, adjustedPValue, isBeyondChance } };
  });
}

function bySeed(runs: readonly FinishedRun[], set: string, figure: string): ReadonlyMap<number, number> {
  return new Map(
    runs.flatMap(({ seed, figures }) => {
      const value = figures.sets[set]?.[figure];
      return value === undefined ? [] : [[seed, value] as const];
    }),
  );
}

/** The keys of records in the order in which they come first. */
function keysOf(records: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}
