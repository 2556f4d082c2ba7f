import type { ReportTable } from '../../figures/report/data-table.js';
import type { ExperimentPlan } from '../../training/experiments/experiment-file.js';
import type {
  CellResult,
  ExperimentResults,
  MetricDifference,
  Summaries,
} from '../../training/experiments/experiment-results.js';
import type { SeedSummary } from '../../training/experiments/seed-statistics.js';

interface FigureColumn {
  readonly heading: string;
  readonly format: (value: number) => string;
}

const percent = (value: number): string => (value * 100).toFixed(2);
const decimals = (value: number): string => value.toFixed(4);
const count = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 0 });

/** What tables have of an evaluation set, in this order; rates at false match rates come in their place. */
const setColumns: Readonly<Record<string, FigureColumn>> = {
  accuracy: { heading: 'accuracy, %', format: percent },
  equalErrorRate: { heading: 'EER, %', format: percent },
  areaUnderCurve: { heading: 'AUC, %', format: percent },
  interClassVariance: { heading: 'variance between', format: decimals },
  intraClassVariance: { heading: 'variance within', format: decimals },
  halfRatio: { heading: 'halves, ratio', format: decimals },
  halfAreaUnderCurve: { heading: 'half-to-half AUC, %', format: percent },
  halfDistance: { heading: 'distance of halves', format: decimals },
};

const trainingColumns: Readonly<Record<string, FigureColumn>> = {
  faceCount: { heading: 'faces N', format: count },
  symmetricCount: { heading: 'symmetric', format: count },
  samplesPerEpoch: { heading: "N' with halves", format: count },
  samplesSeen: { heading: 'samples seen', format: count },
  steps: { heading: 'steps', format: count },
  faceLoss: { heading: 'face loss', format: decimals },
  symmetryLoss: { heading: 'symmetry term', format: decimals },
};

const ratePrefix = 'trueAcceptRate@';

function figureColumn(figure: string): FigureColumn {
  if (figure.startsWith(ratePrefix)) {
    return { heading: `TAR at ${figure.slice(ratePrefix.length)}, %`, format: percent };
  }
  return setColumns[figure] ?? trainingColumns[figure] ?? { heading: figure, format: decimals };
}

/** Everything that an experiment found: a table for each evaluation set, the training, comparisons and failed runs. */
export function experimentTables(plan: ExperimentPlan, results: ExperimentResults): readonly ReportTable[] {
  const { cells } = results;
  const sets = [...new Set(cells.flatMap((cell) => Object.keys(cell.sets)))];
  return [
    ...sets.map((set) =>
      figureTable(`Verification: ${set}`, plan, cells, (cell) => cell.sets[set] ?? {}, setColumns),
    ),
    meanTable(plan, results),
    figureTable('Training', plan, cells, (cell) => cell.training, trainingColumns),
    differenceTable(plan, results),
    runTable(results),
  ].filter(({ rows }) => rows.length > 0);
}

function figureTable(
  title: string,
  { axes, seeds }: ExperimentPlan,
  cells: readonly CellResult[],
  summariesOf: (cell: CellResult) => Summaries,
  columns: Readonly<Record<string, FigureColumn>>,
): ReportTable {
  const figures = ordered(
    cells.flatMap((cell) => Object.keys(summariesOf(cell))),
    columns,
  );
  const names = axes.map((axis) => axis.name);
  return {
    title,
    headings: [...headingsOf(names), 'seeds', ...figures.map((figure) => figureColumn(figure).heading)],
    figuresFrom: Math.max(names.length, 1),
    rows: cells.map((cell) => {
      const summaries = summariesOf(cell);
      const finished = Math.max(0, ...Object.values(summaries).map((summary) => summary.count));
      return [
        ...namesOf(cell, names),
        finished === seeds.length ? String(finished) : `${finished} of ${seeds.length}`,
        ...figures.map((figure) => summaryText(summaries[figure], figureColumn(figure).format)),
      ];
    }),
  };
}

/** The names in the order of the columns, with the rates behind the first. */
function ordered(
  known: readonly string[],
  columns: Readonly<Record<string, FigureColumn>>,
): readonly string[] {
  const rates = [...new Set(known)].filter((figure) => figure.startsWith(ratePrefix));
  const wanted = Object.keys(columns).filter((figure) => known.includes(figure));
  return [...wanted.slice(0, 1), ...rates, ...wanted.slice(1)];
}

/** The table of the networks whose weights are the mean of those of a cell's runs. */
function meanTable({ axes }: ExperimentPlan, { cells, means }: ExperimentResults): ReportTable {
  const names = axes.map((axis) => axis.name);
  const known = means.flatMap(({ sets }) => Object.values(sets).flatMap((set) => Object.keys(set)));
  const figures = ordered(known, setColumns);
  return {
    title: 'Mean of the weights of all seeds',
    headings: [...headingsOf(names), 'set', ...figures.map((figure) => figureColumn(figure).heading)],
    figuresFrom: Math.max(names.length, 1) + 1,
    rows: means.flatMap(({ cell, sets }) =>
      Object.entries(sets).map(([set, values]) => [
        ...cells.filter(({ name }) => name === cell).flatMap((of) => namesOf(of, names)),
        set,
        ...figures.map((figure) => valueText(values[figure], figureColumn(figure).format)),
      ]),
    ),
  };
}

function valueText(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '-' : format(value);
}

function headingsOf(names: readonly string[]): readonly string[] {
  return names.length === 0 ? ['configuration'] : names;
}

function namesOf({ name, values }: CellResult, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [name] : names.map((axis) => values[axis] ?? '');
}

/** The mean ± standard deviation over the seeds, for people. */
function summaryText(summary: SeedSummary | undefined, format: (value: number) => string): string {
  if (summary === undefined) return '-';
  const { mean, standardDeviation } = summary;
  // Counts are the same for every seed.
  if (standardDeviation === undefined || (format === count && standardDeviation === 0)) return format(mean);
  return `${format(mean)} ± ${format(standardDeviation)}`;
}

function differenceTable({ axes }: ExperimentPlan, results: ExperimentResults): ReportTable {
  const { comparison, cells, differences } = results;
  const axis = comparison?.axis ?? '';
  const others = axes.map(({ name }) => name).filter((name) => name !== axis);
  const valuesOf = (name: string): CellResult['values'] =>
    cells.find((cell) => cell.name === name)?.values ?? {};
  return {
    title: `Difference along ${axis}, paired by seed`,
    headings: [
      ...others,
      axis,
      'set',
      'figure',
      'n',
      'mean difference',
      '95 % interval',
      'p',
      'p by Holm',
      'beyond chance',
    ],
    figuresFrom: others.length + 3,
    rows: differences.map((difference) => {
      const [before, after] = [valuesOf(difference.baseline), valuesOf(difference.other)];
      return [
        ...others.map((name) => after[name] ?? ''),
        `${before[axis] ?? ''} → ${after[axis] ?? ''}`,
        difference.set,
        ...differenceCells(difference),
      ];
    }),
  };
}

function differenceCells({ figure, count: n, mean, evidence }: MetricDifference): readonly string[] {
  const { heading, format } = figureColumn(figure);
  const signed = (value: number): string => `${value > 0 ? '+' : ''}${format(value)}`;
  return [
    heading.replace(', %', ', points'),
    String(n),
    signed(mean),
    ...(evidence === undefined
      ? ['-', '-', '-', n === 1 ? 'one seed cannot tell' : '-']
      : [
          `${signed(evidence.interval.lower)} to ${signed(evidence.interval.upper)}`,
          probability(evidence.pValue),
          probability(evidence.adjustedPValue),
          evidence.isBeyondChance ? 'yes' : 'no',
        ]),
  ];
}

function probability(value: number): string {
  return value < 1e-3 ? value.toExponential(1) : value.toFixed(3);
}

/** Everything that was tried, whatever came of it. */
function runTable({ runs }: ExperimentResults): ReportTable {
  return {
    title: 'All runs',
    headings: ['cell', 'seed', 'state', 'reason', 'message', 'samples seen', 'steps'],
    figuresFrom: 5,
    rows: runs.map(({ cell, seed, state, failure, figures }) => [
      ...[cell, String(seed), state, failure?.reason ?? '-', failure?.message ?? '-'],
      valueText(figures?.training['samplesSeen'], count),
      valueText(figures?.training['steps'], count),
    ]),
  };
}

/** How many runs of how many are finished, for people, with the name. */
export function stateLine(plan: ExperimentPlan, results: ExperimentResults): string {
  return `${plan.name}: ${stateText(plan, results)}`;
}

/** How many runs of how many are finished, for people. */
export function stateText({ seeds }: ExperimentPlan, { cells, runs }: ExperimentResults): string {
  const of = (state: string): number => runs.filter((run) => run.state === state).length;
  const failed = of('failed') === 0 ? '' : `, ${of('failed')} failed`;
  const open = of('unfinished') === 0 ? '' : `, ${of('unfinished')} not finished`;
  return `${cells.length} configurations x ${seeds.length} seeds; ${of('finished')} of ${runs.length} runs finished${failed}${open}.`;
}

/** What the figures mean. */
export const tableNotes: readonly string[] = [
  'Figures are mean ± standard deviation (n - 1) over the seeds, at the last step. Accuracy is the mean over the folds; TAR at a false match rate.',
  'Differences are means over runs with the same seed. Their intervals and p are by 10,000 draws, with replacement, of the evaluation set’s persons and of the seeds: what other persons and other seeds would have given; other training data would vary more. "Beyond chance": p by Holm’s correction, for all differences of this page together, is below 0.05. Figures that are not of pairs of named persons have none. Where cells saw different numbers of samples, a difference may be that of more steps.',
  'Losses are means of the last epoch. Variances are of unit embeddings of the evaluation set’s persons, whom the network was not trained on: between, the mean squared distance of a person’s mean to the mean of all; within, of a face to the mean of its person. The distance of halves is the mean squared distance between unit embeddings of the halves of symmetric faces; the ratio is that over the distance of different persons’ halves, and the half-to-half AUC the chance that a left half is more like the right half of its own face than like another person’s. A constant embedding has a distance of 0, a ratio of 1 and an AUC of 50 %.',
];
