import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { similarityChart, type SimilarityChartData } from '../../figures/charts/similarity-chart.js';
import { type ErrorRates, errorRatesAt } from '../../figures/charts/similarity-error-rates.js';
import { valueText } from '../../figures/charts/value-format.js';
import { Chart } from './chart.js';

export interface ThresholdChartProps {
  readonly data: SimilarityChartData & { readonly threshold: number };
  /** Called while the handle moves. */
  readonly onThreshold: (threshold: number, rates: ErrorRates) => void;
}

/** Margins are the same for every width, CSS pixels. */
const marginWidth = 560;
/** The handle's middle, not its edge, lies beneath the value on the axis; CSS pixels. */
const thumbRadius = 8;

/** The similarities with the threshold as a handle, which arrow keys move, too, and what it makes of the error rates. */
export function ThresholdChart({ data, onThreshold }: ThresholdChartProps): JSX.Element {
  const { threshold } = data;
  const chart = useMemo(() => similarityChart(data), [data]);
  const { marginLeft = 0, marginRight = 0 } = chart.options({ width: marginWidth, isInteractive: false });
  const inset = { left: marginLeft - thumbRadius, right: marginRight - thumbRadius };
  const { falseMatchRate, falseNonMatchRate } = errorRatesAt(data, threshold);
  const text = `threshold ${threshold.toFixed(3)}: FMR ${valueText('percent', falseMatchRate)}, FNMR ${valueText('percent', falseNonMatchRate)}`;
  return (
    <Chart chart={chart}>
      <input
        class="threshold-handle"
        style={{ marginLeft: `${inset.left}px`, width: `calc(100% - ${inset.left + inset.right}px)` }}
        type="range"
        min={chart.lowest}
        max={chart.highest}
        step={0.001}
        value={threshold}
        aria-label="Threshold"
        aria-valuetext={text}
        onInput={({ currentTarget }) => {
          const chosen = currentTarget.valueAsNumber;
          onThreshold(chosen, errorRatesAt(data, chosen));
        }}
      />
      <p class="threshold-text">{text}</p>
    </Chart>
  );
}
