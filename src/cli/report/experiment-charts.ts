import type { Chart } from '../../figures/charts/chart.js';
import { lineChart, type LinePoint, type LineSeries } from '../../figures/charts/line-chart.js';
import type { ExperimentPlan } from '../../training/experiments/experiment-file.js';
import type { CellResult, ExperimentResults } from '../../training/experiments/experiment-results.js';

/**
 * Accuracy on each evaluation set along the plan's axis (SymFace's Fig. 6, where that is τ): means with standard
 * deviations over the seeds, a series for each combination of the other axes.
 */
export function experimentCharts(plan: ExperimentPlan, { cells }: ExperimentResults): readonly Chart[] {
  const axis = plan.axes.find(({ name }) => name === plan.plotAxis);
  if (axis === undefined) return [];
  const names = axis.values.map(({ name }) => name);
  const places = names.map((name) => ({ name, x: positionOf(names, name) }));
  const sets = [...new Set(cells.flatMap((cell) => Object.keys(cell.sets)))];
  return sets.map((set) =>
    lineChart({
      title: `Accuracy, ${set}`,
      x: { label: axis.name, format: 'number' },
      y: { label: 'accuracy, mean ± SD over the seeds', format: 'percent' },
      intervals: 'bars',
      places,
      series: seriesOf(cells, axis.name, (cell) =>
        pointOf(cell, set, positionOf(names, cell.values[axis.name])),
      ),
    }),
  );
}

/** Values that are numbers lie where they belong, others side by side. */
function positionOf(names: readonly string[], name = ''): number {
  return names.every((one) => Number.isFinite(Number(one))) ? Number(name) : names.indexOf(name);
}

function seriesOf(
  cells: readonly CellResult[],
  axis: string,
  pointIn: (cell: CellResult) => LinePoint | undefined,
): readonly LineSeries[] {
  const series = new Map<string, LinePoint[]>();
  for (const cell of cells) {
    const others = Object.entries(cell.values).filter(([name]) => name !== axis);
    const name = others.map(([, value]) => value).join(', ');
    const point = pointIn(cell);
    series.set(name, [...(series.get(name) ?? []), ...(point === undefined ? [] : [point])]);
  }
  return [...series].map(([name, points]) => ({ name, points: points.toSorted((a, b) => a.x - b.x) }));
}

function pointOf(cell: CellResult, set: string, x: number): LinePoint | undefined {
  const summary = cell.sets[set]?.['accuracy'];
  if (summary === undefined) return undefined;
  const { mean, standardDeviation } = summary;
  if (standardDeviation === undefined) return { x, y: mean };
  return { x, y: mean, lower: mean - standardDeviation, upper: mean + standardDeviation };
}
