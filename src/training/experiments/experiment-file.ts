import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

import { stringify } from 'yaml';
import { z } from 'zod';

import { type Axis, type Cell, cellsOf, type ConfiguredCell } from './experiment-matrix.js';
import type { Comparison } from './experiment-results.js';
import { mergeSettings, type Settings } from './settings.js';
import { Failure } from '../../core/failure.js';
import { requireSchedule } from '../../learning/step/learning-rate.js';
import {
  overridden,
  overridesOf,
  settingsOf,
  withAbsolutePaths,
} from '../configuration/configuration-overrides.js';
import { buildFaceLoss, buildSymmetryTerm } from '../configuration/build-training-spec.js';
import {
  type LocatedConfiguration,
  parseTrainingConfiguration,
  type TrainingConfiguration,
  scheduleOf,
} from '../configuration/training-configuration.js';

const name = z
  .string()
  .regex(/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/u, 'lower-case letters, digits, dots and dashes');
/** Names of digits alone would lose their place among the others: JavaScript sorts such keys to the front. */
const valueName = name.regex(/[^0-9]/u, 'a name cannot be digits alone; say p-2 for 2');
const settings = z.record(z.string(), z.json());

const experimentSchema = z.strictObject({
  name,
  /** A training configuration, or the path of one. */
  base: z.union([z.string().min(1), settings]),
  /** Axes by name, each with its values by name: what they change in the base. Later axes are applied later. */
  matrix: z.record(valueName, z.record(valueName, settings)).default({}),
  seeds: z.array(z.number().int().nonnegative()).min(1),
  /**
   * Whether the mean of the weights of each cell's runs is measured and exported too; or so large a part of the way to it
   * from the weights that they began from.
   */
  averageWeights: z
    .union([z.boolean(), z.strictObject({ trainedShare: z.number().min(0).max(1) })])
    .default(false),
  /** An axis, whose first value is the baseline, or one with its baseline. */
  compare: z.union([z.string(), z.strictObject({ axis: z.string(), baseline: z.string() })]).optional(),
  /** The axis along which figures are drawn; else that of `compare`, or the first. */
  plot: z.string().optional(),
});

type ExperimentFile = z.infer<typeof experimentSchema>;

/** The mean of the weights of a cell's runs, before it is taken. */
export interface PlannedAverage {
  readonly cell: string;
  /** The mean's folder below the experiment's. */
  readonly folder: string;
  readonly runs: readonly PlannedRun[];
  /** 1: the mean itself; less: a part of the way to it from the weights that the runs began from. */
  readonly trainedShare: number;
}

/** A cell trained from one seed, before it is. */
export interface PlannedRun {
  readonly cell: string;
  readonly seed: number;
  /** The run's folder below the experiment's. */
  readonly folder: string;
  readonly configuration: TrainingConfiguration;
  /** The same as `symface train` reads it, with absolute paths. */
  readonly text: string;
}

export interface ExperimentPlan {
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly cells: readonly Cell[];
  readonly seeds: readonly number[];
  readonly comparison: Comparison | undefined;
  readonly plotAxis: string | undefined;
  /** Seed by seed, so that every cell has a result early. */
  readonly runs: readonly PlannedRun[];
  /** The means of each cell, where those of its runs' weights are asked for. */
  readonly means: readonly PlannedAverage[];
}

/**
 * @param overrides of the base: `data.path=/data/faces`
 * @throws Failure INVALID_ARGUMENT naming the file, and the cell or setting that is wrong
 */
export async function readExperiment(path: string, overrides: readonly string[]): Promise<ExperimentPlan> {
  const file = basename(path);
  const parsed = experimentSchema.safeParse(settingsOf(await textOf(path), file));
  if (!parsed.success) throw refused(parsed.error, file);
  const experiment = parsed.data;
  const folder = dirname(resolve(path));
  const base = mergeSettings(await baseOf(experiment, folder), overridesOf(overrides));
  const axes = axesOf(experiment, (named) => resolve(folder, named));
  const cells = cellsOf(base, axes);
  requireDistinct(cells, file);
  const { seeds, averageWeights } = experiment;
  if (new Set(seeds).size < seeds.length) throw invalid(`${file}: seeds: each must be there once`);
  // Of one seed there is no mean, but there may be a part of the way to it.
  const isWholeWay =
    averageWeights === true || (averageWeights !== false && averageWeights.trainedShare === 1);
  if (isWholeWay && seeds.length < 2) throw invalid(`${file}: averageWeights: takes two seeds or more`);
  const runs = seeds.flatMap((seed) => cells.map((cell) => plannedRun(experiment, cell, seed, file)));
  return {
    name: experiment.name,
    axes,
    cells: cells.map((cell) => ({ name: cell.name, values: cell.values })),
    seeds,
    comparison: comparisonOf(experiment, axes, file),
    plotAxis: plotAxisOf(experiment, axes, file),
    runs,
    means: plannedMeans(averageWeights, cells, runs),
  };
}

/**
 * One cell of an experiment as a configuration of its own, with the experiment's first seed.
 * @param overrides of the cell, also of what the matrix sets; paths in them are relative to the working folder
 * @throws Failure INVALID_ARGUMENT as {@link readExperiment}, and where there is no such cell
 */
export async function readExperimentCell(
  path: string,
  cell: string,
  overrides: readonly string[],
): Promise<LocatedConfiguration> {
  const file = basename(path);
  const { cells, runs } = await readExperiment(path, []);
  const run = runs.find((candidate) => candidate.cell === cell);
  if (run === undefined)
    throw invalid(
      `${file}: there is no cell ${cell}; there are ${cells.map((known) => known.name).join(', ')}`,
    );
  const text = overridden(run.text, overrides, file);
  const configuration = parseTrainingConfiguration(text, `${file}, cell ${cell}`);
  return { configuration, text, pathOf: (named) => resolve(named) };
}

function refused(error: z.ZodError, file: string): Failure {
  const [issue] = error.issues;
  const [detail = issue] = issue?.code === 'invalid_key' ? issue.issues : [];
  const setting = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return invalid(`${file}: ${setting}${detail?.message ?? 'is no experiment'}`, error);
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw invalid(`${path} cannot be read`, cause);
  });
}

async function baseOf({ base }: ExperimentFile, folder: string): Promise<Settings> {
  if (typeof base !== 'string') return withAbsolutePaths(base, (named) => resolve(folder, named));
  const path = resolve(folder, base);
  const given = settingsOf(await textOf(path), basename(path));
  return withAbsolutePaths(given, (named) => resolve(dirname(path), named));
}

function axesOf({ matrix }: ExperimentFile, pathOf: (named: string) => string): readonly Axis[] {
  return Object.entries(matrix).map(([axis, values]) => ({
    name: axis,
    values: Object.entries(values).map(([value, changes]) => ({
      name: value,
      settings: withAbsolutePaths(changes, pathOf),
    })),
  }));
}

/** Two names for one thing would be compared with each other in vain. */
function requireDistinct(cells: readonly ConfiguredCell[], file: string): void {
  const known = new Map<string, string>();
  for (const { name: cell, settings: given } of cells) {
    const text = stringify(given, { sortMapEntries: true });
    const same = known.get(text);
    if (same !== undefined) throw invalid(`${file}: ${same} and ${cell} are the same configuration`);
    known.set(text, cell);
  }
}

function plannedRun(
  experiment: ExperimentFile,
  cell: ConfiguredCell,
  seed: number,
  file: string,
): PlannedRun {
  const identity = { name: `${experiment.name}.${cell.name}`, seed };
  const text = stringify({ ...cell.settings, ...identity });
  const configuration = parseTrainingConfiguration(text, `${file}, cell ${cell.name}`);
  try {
    if (configuration.loss !== undefined) buildFaceLoss(configuration.loss);
    if (configuration.symmetry !== undefined) buildSymmetryTerm(configuration.symmetry);
    requireSchedule(scheduleOf(configuration));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(`${file}, cell ${cell.name}: ${error.message}`, error);
  }
  return { cell: cell.name, seed, folder: `${cell.name}/seed-${seed}`, configuration, text };
}

function plannedMeans(
  averageWeights: ExperimentFile['averageWeights'],
  cells: readonly Cell[],
  runs: readonly PlannedRun[],
): readonly PlannedAverage[] {
  if (averageWeights === false) return [];
  const trainedShare = averageWeights === true ? 1 : averageWeights.trainedShare;
  return cells.map(({ name: cell }) => ({
    cell,
    folder: `${cell}/mean`,
    runs: runs.filter((run) => run.cell === cell),
    trainedShare,
  }));
}

function comparisonOf(
  { compare }: ExperimentFile,
  axes: readonly Axis[],
  file: string,
): Comparison | undefined {
  if (compare === undefined) return undefined;
  const axisName = typeof compare === 'string' ? compare : compare.axis;
  const values = axisNamed(axisName, axes, `${file}: compare`).values.map((value) => value.name);
  const baseline = typeof compare === 'string' ? values[0] : compare.baseline;
  if (baseline === undefined || !values.includes(baseline)) {
    throw invalid(
      `${file}: compare: ${axisName} has no value ${baseline ?? ''}; it has ${values.join(', ')}`,
    );
  }
  return { axis: axisName, baseline };
}

function plotAxisOf(
  { compare, plot }: ExperimentFile,
  axes: readonly Axis[],
  file: string,
): string | undefined {
  if (plot !== undefined) return axisNamed(plot, axes, `${file}: plot`).name;
  return (typeof compare === 'string' ? compare : compare?.axis) ?? axes[0]?.name;
}

function axisNamed(wanted: string, axes: readonly Axis[], place: string): Axis {
  const axis = axes.find((candidate) => candidate.name === wanted);
  if (axis !== undefined) return axis;
  throw invalid(`${place}: there is no axis ${wanted}; there are ${axes.map((a) => a.name).join(', ')}`);
}

function invalid(message: string, cause?: unknown): Failure {
  return new Failure('INVALID_ARGUMENT', message, {}, [], { cause });
}
