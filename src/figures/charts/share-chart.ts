import type { Chart } from './chart.js';
import { lineChart } from './line-chart.js';

/** How the weights on a share of the way from the start to the trained ones verify. */
export interface ShareOfTheWay {
  /** 0 at the starting weights, 1 at the trained ones. */
  readonly share: number;
  readonly isProjected: boolean;
  readonly trueAcceptRate: number;
  /** 95 %. */
  readonly lower?: number;
  readonly upper?: number;
  readonly isChosen: boolean;
}

/** The true accept rate over the share of the way, without and with a projection, and what was chosen. */
export function shareChart(shares: readonly ShareOfTheWay[]): Chart {
  const series = [
    { name: 'without a projection', own: shares.filter(({ isProjected }) => !isProjected) },
    { name: 'with a projection', own: shares.filter(({ isProjected }) => isProjected) },
  ];
  return lineChart({
    title: 'True accept rate on the way to the trained weights',
    x: { label: 'share of the way', format: 'number' },
    y: { label: 'true accept rate', format: 'percent' },
    series: series
      .filter(({ own }) => own.length > 0)
      .map(({ name, own }) => ({
        name,
        points: own
          .toSorted((a, b) => a.share - b.share)
          .map(({ share, trueAcceptRate, lower, upper }) => ({
            x: share,
            y: trueAcceptRate,
            ...(lower === undefined || upper === undefined ? {} : { lower, upper }),
          })),
      })),
    highlights: shares
      .filter(({ isChosen }) => isChosen)
      .map(({ share, trueAcceptRate }) => ({ x: share, y: trueAcceptRate, label: 'chosen' })),
  });
}
