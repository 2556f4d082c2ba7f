import type { Chart } from '../../figures/charts/chart.js';
import { lineChart } from '../../figures/charts/line-chart.js';
import type { LearningRateEntry } from '../runs/run-log.js';

/** Says which learning rate was found, and by what. */
export function learningRateText({ learningRate, lowest, points }: LearningRateEntry): string {
  const first = points[0];
  const rates = first === undefined ? '' : ` from ${rateText(first.learningRate)} on`;
  return `Learning rate ${rateText(learningRate)}: a tenth of ${rateText(lowest.learningRate)}, where the mean loss of a few steps was lowest (${lowest.smoothedLoss.toPrecision(3)}) of a range test of ${points.length} steps${rates}.`;
}

/** The losses of the sweep over its rates, and what was found. */
export function rangeTestChart({ learningRate, lowest, points }: LearningRateEntry): Chart {
  const decades = points.map((point) => Math.log10(point.learningRate));
  const [from, to] = [Math.ceil(decades[0] ?? 0), Math.floor(decades.at(-1) ?? 0)];
  const places = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({
    x: from + index,
    name: `1e${from + index}`,
  }));
  const x = Math.log10(lowest.learningRate);
  return lineChart({
    title: 'Learning-rate range test',
    x: { label: 'learning rate', format: 'number' },
    y: { label: 'loss', format: 'number' },
    places,
    series: [
      {
        name: 'mean of a few steps',
        points: points.map((point, index) => ({ x: decades[index] ?? 0, y: point.smoothedLoss })),
      },
      { name: 'loss', points: points.map((point, index) => ({ x: decades[index] ?? 0, y: point.loss })) },
    ],
    highlights: [{ x, y: lowest.smoothedLoss, label: `lowest; found ${rateText(learningRate)}` }],
  });
}

/** "3.2e-3" */
function rateText(rate: number): string {
  return rate.toExponential(1);
}
