import type { VerificationReport } from '../../core/protocols/verification-report.js';
import type { Chart } from '../../figures/charts/chart.js';
import { detChart } from '../../figures/charts/det-chart.js';
import type { ErrorCurve } from '../../figures/charts/error-curves.js';
import { intervalChart } from '../../figures/charts/interval-chart.js';
import { rocChart } from '../../figures/charts/roc-chart.js';
import { similarityChart } from '../../figures/charts/similarity-chart.js';
import { falseMatchRateText } from '../../core/protocols/figure-text.js';
import { measureWithUnit, symmetryWords } from '../../figures/report/slice-words.js';

/** How one model errs: ROC, DET and the similarities of its pairs. @param name of the model */
export function errorCharts(
  report: VerificationReport,
  name: string,
): { readonly roc: Chart; readonly det: Chart; readonly histogram: Chart } {
  const curves = [errorCurve(report, name)];
  return {
    roc: rocChart(curves, 'ROC'),
    det: detChart(curves, 'DET'),
    histogram: similarityChart({
      title: 'Similarities',
      ...report.histogram,
      marks: report.trueAcceptRates.flatMap(({ falseMatchRate, similarityThreshold }) =>
        // JSON has null for a threshold that no pair reaches.
        typeof similarityThreshold === 'number'
          ? [{ similarity: similarityThreshold, label: `FMR ${falseMatchRateText(falseMatchRate)}` }]
          : [],
      ),
    }),
  };
}

function errorCurve({ curve, trueAcceptRates }: VerificationReport, name: string): ErrorCurve {
  return {
    name,
    points: curve,
    intervals: trueAcceptRates.flatMap(({ falseMatchRate, interval }) =>
      interval === undefined ? [] : [{ falseMatchRate, ...interval }],
    ),
  };
}

/** The accuracy on slices of the pairs; undefined where there are none. */
export function sliceChart({ frontnessSlices, qualitySlices }: VerificationReport): Chart | undefined {
  const rows = [
    ...frontnessSlices.map((slice) => ({
      group: 'symmetric faces (ρ > 0.2)',
      name: symmetryWords(slice),
      value: slice.accuracy,
    })),
    ...qualitySlices.map(({ measure, from, to, accuracy }) => ({
      group: `${measureWithUnit(measure)}, of the worse face`,
      name: `${from.toFixed(1)} to ${to.toFixed(1)}`,
      value: accuracy,
    })),
  ];
  if (rows.length === 0) return undefined;
  return intervalChart({
    title: 'Accuracy on slices of the pairs',
    axis: { label: 'accuracy; thirds of the pairs from the worst on', format: 'percent' },
    rows,
  });
}
