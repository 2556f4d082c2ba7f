import type { Chart } from '../../figures/charts/chart.js';
import { lineChart, type LineSeries } from '../../figures/charts/line-chart.js';
import type { ValueFormat } from '../../figures/charts/value-format.js';

/** Makes the curve of a figure over the entries of a log; where an entry has no value, it has no point. */
export function curvesOf<Entry extends { readonly step: number }>(
  entries: readonly Entry[],
): (name: string, of: (entry: Entry) => number | undefined) => LineSeries {
  return (name, of) => ({
    name,
    points: entries.flatMap((entry) => {
      const value = of(entry);
      return value === undefined ? [] : [{ x: entry.step, y: value }];
    }),
  });
}

/** What a chart over the steps of a run shows. */
interface StepFigure {
  readonly title: string;
  /** With its unit. */
  readonly label: string;
  readonly format?: ValueFormat;
  readonly series: readonly LineSeries[];
}

/** So many decades are too many for a linear axis. */
const greatestLinearSpan = 3;

/** Curves over the steps of a run; logarithmic where the first values would flatten all others. */
export function stepChart({ title, label, format = 'number', series }: StepFigure): Chart {
  const values = series.flatMap(({ points }) => points.map(({ y }) => y)).filter((value) => value > 0);
  const span = values.reduce<readonly [number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const,
    [Number.POSITIVE_INFINITY, 0],
  );
  return lineChart({
    title,
    x: { label: 'step', format: 'number' },
    y: { label, format },
    isLogarithmic: format === 'number' && Math.log10(span[1] / span[0]) > greatestLinearSpan,
    series,
  });
}

/** What every training tells of its steps beside its losses. */
interface DescentEntry {
  readonly step: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  readonly imagesPerSecond: number;
}

/** The charts of a training's steps: its losses, and what all trainings tell. */
export function descentCharts(
  steps: readonly DescentEntry[],
  losses: readonly LineSeries[],
): readonly Chart[] {
  const curve = curvesOf(steps);
  return [
    stepChart({ title: 'Losses', label: 'loss', series: losses }),
    lineChart({
      title: 'Learning rate',
      x: { label: 'step', format: 'number' },
      y: { label: 'learning rate', format: 'number' },
      series: [curve('learning rate', ({ learningRate }) => learningRate)],
    }),
    stepChart({
      title: 'Gradient',
      label: 'norm',
      series: [curve('norm', ({ gradientNorm }) => gradientNorm)],
    }),
    stepChart({
      title: 'Speed',
      label: 'images/s',
      series: [curve('images/s', ({ imagesPerSecond }) => imagesPerSecond)],
    }),
  ];
}
