import type { FailureRecord } from '../../core/failure-record.js';
import { type Cell, pairsAlong } from './experiment-matrix.js';
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

export interface MetricDifference extends PairedDifference {
  readonly set: string;
  readonly figure: string;
  /** Names of the cells; the difference is the other's less the baseline's. */
  readonly baseline: string;
  readonly other: string;
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

/** Means over seeds of each cell, and differences between cells that a comparison is about. */
export function experimentResults(
  cells: readonly Cell[],
  runs: readonly ExperimentRun[],
  comparison: Comparison | undefined,
  means: readonly CellAverage[] = [],
): ExperimentResults {
  const results = cells.map(({ name, values }) => cellResult({ name, values }, finishedOf(runs, name)));
  const differences =
    comparison === undefined
      ? []
      : pairsAlong(results, comparison.axis, comparison.baseline).flatMap(({ baseline, other }) =>
          differencesOf(baseline, other, runs),
        );
  return { runs, cells: results, comparison, differences, means };
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
): readonly MetricDifference[] {
  const [before, after] = [finishedOf(runs, baseline.name), finishedOf(runs, other.name)];
  return Object.entries(other.sets).flatMap(([set, summaries]) =>
    Object.keys(summaries).flatMap((figure) => {
      const difference = pairedDifference(bySeed(before, set, figure), bySeed(after, set, figure));
      if (difference === undefined) return [];
      return [{ set, figure, baseline: baseline.name, other: other.name, ...difference }];
    }),
  );
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
