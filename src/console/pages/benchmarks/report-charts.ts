import type { VerificationReport } from '../../../core/protocols/verification-report.js';
import type { Chart } from '../../../figures/charts/chart.js';
import type { ErrorCurve } from '../../../figures/charts/error-curves.js';
import { intervalChart, type IntervalRow } from '../../../figures/charts/interval-chart.js';
import { similarityChart } from '../../../figures/charts/similarity-chart.js';
import { slicedMeasures, symmetryWords } from '../../../figures/report/slice-words.js';

/** A report with what it is called in a legend. */
export interface NamedReport {
  readonly name: string;
  readonly report: VerificationReport;
}

/** The curve of a report, with the intervals that it has at the rates that its pairs support. */
export function errorCurveOf({ name, report: { curve, trueAcceptRates } }: NamedReport): ErrorCurve {
  return {
    name,
    points: curve,
    intervals: trueAcceptRates.flatMap(({ falseMatchRate, interval }) =>
      interval === undefined ? [] : [{ falseMatchRate, lower: interval.lower, upper: interval.upper }],
    ),
  };
}

/** How similarities are spread, with the threshold at the strictest rate that the pairs support. */
export function similaritiesOf({ name, report: { histogram, trueAcceptRates } }: NamedReport): Chart {
  const strictest = trueAcceptRates.toSorted((a, b) => a.falseMatchRate - b.falseMatchRate)[0];
  // JSON has null for a threshold that no pair reaches.
  const threshold = strictest?.similarityThreshold ?? undefined;
  return similarityChart({
    title: `Similarities: ${name}`,
    ...histogram,
    ...(threshold === undefined ? {} : { threshold }),
  });
}

/** As slices come: the worst third of the pairs first. */
const thirds = ['worst third', 'middle third', 'best third'] as const;
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** Accuracy by ρ and by the quality of the worse face, of each model; undefined where nothing was measured. */
export function sliceChart(reports: readonly NamedReport[]): Chart | undefined {
  const rows = reports.flatMap((named) => sliceRows(named, reports.length > 1));
  if (rows.length === 0) return undefined;
  return intervalChart({
    title: 'Accuracy by symmetry and quality, with 95 % intervals',
    axis: { label: 'accuracy', format: 'percent' },
    rows,
  });
}

/** @param isCompared whether others stand beside it: thirds have other bounds by each model's norms */
function sliceRows(
  { name: series, report: { frontnessSlices, qualitySlices } }: NamedReport,
  isCompared: boolean,
): readonly IntervalRow[] {
  return [
    ...frontnessSlices.map((slice) => ({
      ...{ series, group: 'by symmetry (ρ > 0.2)' },
      name: symmetryWords(slice),
      ...withInterval(slice.accuracy, slice.pairCount),
    })),
    ...qualitySlices.map(({ measure, from, to, pairCount, accuracy }, index) => {
      const { name, unit } = slicedMeasures[measure];
      const place = index - qualitySlices.findIndex((slice) => slice.measure === measure);
      const range = `${short.format(from)} to ${short.format(to)} ${unit}`.trim();
      return {
        ...{ series, group: `by ${name} of the worse face` },
        name: isCompared ? (thirds[place] ?? range) : range,
        ...withInterval(accuracy, pairCount),
      };
    }),
  ];
}

/** Of the normal distribution, for 95 %. */
const z = 1.959964;

/** A share of pairs with Wilson's interval (1927), as if the pairs were independent: pairs of one person are not quite. */
export function withInterval(
  share: number,
  count: number,
): { readonly value: number; readonly lower: number; readonly upper: number } {
  const scale = 1 + z ** 2 / count;
  const middle = (share + z ** 2 / (2 * count)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  return { value: share, lower: Math.max(0, middle - half), upper: Math.min(1, middle + half) };
}
