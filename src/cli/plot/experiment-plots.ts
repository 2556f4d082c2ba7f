import { scaleLinear } from 'd3-scale';

import type { ExperimentPlan } from '../../training/experiments/experiment-file.js';
import type { CellResult, ExperimentResults } from '../../training/experiments/experiment-results.js';
import { plotFrame, plotSvg } from '../../training/report/axes.js';
import { html, type Html } from '../../training/report/html.js';
import { curveColours } from '../../training/report/training-plots.js';

/** A plot with the names of its series, for its key. */
export interface ExperimentPlot {
  readonly title: string;
  readonly series: readonly string[];
  readonly svg: Html;
}

interface PlottedPoint {
  readonly x: number;
  readonly mean: number;
  readonly deviation: number;
}

interface Series {
  readonly name: string;
  readonly points: readonly PlottedPoint[];
}

const { width, height, margin } = plotFrame;
/** Half the width of an error bar's ends. */
const capPixels = 4;

/**
 * Accuracy on each evaluation set along the plan's axis (SymFace's Fig. 6, where that is τ): means with standard
 * deviations over the seeds, a series for each combination of the other axes.
 */
export function experimentPlots(
  plan: ExperimentPlan,
  { cells }: ExperimentResults,
): readonly ExperimentPlot[] {
  const axis = plan.axes.find(({ name }) => name === plan.plotAxis);
  if (axis === undefined) return [];
  const names = axis.values.map(({ name }) => name);
  const sets = [...new Set(cells.flatMap((cell) => Object.keys(cell.sets)))];
  return sets.map((set) => {
    const series = seriesOf(cells, axis.name, (cell) =>
      pointOf(cell, set, positionOf(names, cell.values[axis.name])),
    );
    const title = `Accuracy, ${set}`;
    return {
      title,
      series: series.map(({ name }) => name),
      svg: errorBarPlot(series, axis.name, names, title),
    };
  });
}

/** Values that are numbers lie where they belong, others side by side. */
function positionOf(names: readonly string[], name = ''): number {
  return areNumbers(names) ? Number(name) : names.indexOf(name);
}

function areNumbers(names: readonly string[]): boolean {
  return names.every((name) => Number.isFinite(Number(name)));
}

function seriesOf(
  cells: readonly CellResult[],
  axis: string,
  pointIn: (cell: CellResult) => PlottedPoint | undefined,
): readonly Series[] {
  const series = new Map<string, PlottedPoint[]>();
  for (const cell of cells) {
    const others = Object.entries(cell.values).filter(([name]) => name !== axis);
    const name = others.map(([, value]) => value).join(', ');
    const point = pointIn(cell);
    series.set(name, [...(series.get(name) ?? []), ...(point === undefined ? [] : [point])]);
  }
  return [...series].map(([name, points]) => ({ name, points: [...points].sort((a, b) => a.x - b.x) }));
}

function pointOf(cell: CellResult, set: string, x: number): PlottedPoint | undefined {
  const summary = cell.sets[set]?.['accuracy'];
  return summary && { x, mean: summary.mean, deviation: summary.standardDeviation ?? 0 };
}

function errorBarPlot(
  series: readonly Series[],
  axis: string,
  names: readonly string[],
  title: string,
): Html {
  const positions = names.map((name) => positionOf(names, name));
  const points = series.flatMap((one) => one.points);
  const [first, last] = [Math.min(...positions), Math.max(...positions)];
  const aside = (last - first) * 0.1 || 1;
  const x = scaleLinear([first - aside, last + aside], [margin.left, width - margin.right]);
  const lowest = Math.min(...points.map(({ mean, deviation }) => mean - deviation));
  const highest = Math.max(...points.map(({ mean, deviation }) => mean + deviation));
  const y = scaleLinear(
    [lowest, highest > lowest ? highest : lowest + 0.01],
    [height - margin.bottom, margin.top],
  ).nice();
  const marks = series.map((one, index) => {
    const colour = curveColours[index % curveColours.length] ?? '';
    // Beside each other, so that bars at one place can be told apart.
    const shift = (index - (series.length - 1) / 2) * 2.5 * capPixels;
    return seriesMarks(one.points, (value) => x(value) + shift, y, colour);
  });
  return plotSvg(
    { scale: x, label: axis, format: (value) => names[positions.indexOf(value)] ?? '', ticks: positions },
    { scale: y, label: 'accuracy', format: (value) => `${(value * 100).toFixed(1)} %` },
    marks,
    title,
  );
}

function seriesMarks(
  points: readonly PlottedPoint[],
  x: (value: number) => number,
  y: (value: number) => number,
  colour: string,
): Html {
  const places = points.map((point) => ({ ...point, at: x(point.x) }));
  const path = places.map(
    ({ at, mean }, index) => `${index === 0 ? 'M' : 'L'}${at.toFixed(1)},${y(mean).toFixed(1)}`,
  );
  const bars = places.map(({ at, mean, deviation }) => {
    const [low, high] = [y(mean - deviation).toFixed(1), y(mean + deviation).toFixed(1)];
    const [left, right] = [(at - capPixels).toFixed(1), (at + capPixels).toFixed(1)];
    const bar = `M${at.toFixed(1)},${low}V${high}M${left},${low}H${right}M${left},${high}H${right}`;
    return html`<path class="curve bar" style="stroke: ${colour}" d="${bar}" /><circle
        cx="${at.toFixed(1)}"
        cy="${y(mean).toFixed(1)}"
        r="3"
        fill="${colour}"
      />`;
  });
  return html`<path class="curve" style="stroke: ${colour}; stroke-width: 1" d="${path.join('')}" />${bars}`;
}
