import { areaY, line, type Markish, pointerX, ruleX, ruleY, text, tip } from '@observablehq/plot';

import type { Chart, ChartSpace } from './chart.js';
import { type AxisShown, framed, horizontalTickCount, verticalTickCount } from './frame.js';
import { genuineColour, impostorColour } from './series-colours.js';
import { errorRatesAt, type SimilarityCounts } from './similarity-error-rates.js';
import { type AxisRange, linearRange, linearTicks } from './ticks.js';
import { valueText } from './value-format.js';

export interface SimilarityChartData extends SimilarityCounts {
  readonly title: string;
  /** Similarity from which on a pair matches. */
  readonly threshold?: number;
  /** Similarities that are of interest: of the pair that was asked for, of another model's threshold. */
  readonly marks?: readonly { readonly similarity: number; readonly label: string }[];
}

/** A chart whose horizontal axis a handle may be moved along. */
export interface SimilarityChart extends Chart {
  readonly lowest: number;
  readonly highest: number;
}

/** A bin's right end stands for it on the outline. */
interface Bin {
  readonly from: number;
  readonly to: number;
  readonly share: number;
}

/** How genuine and impostor pairs' similarities are spread, with the threshold between them. */
export function similarityChart(data: SimilarityChartData): SimilarityChart {
  const { title, genuine, impostor, threshold } = data;
  const [genuineBins, impostorBins] = [binsOf(genuine), binsOf(impostor)];
  const lowest = lowestShown(genuineBins, impostorBins, data);
  return {
    title,
    lowest,
    highest: 1,
    description: describe(data),
    legend: [
      { name: 'genuine pairs', colour: genuineColour, sign: 'area' },
      { name: 'impostor pairs', colour: impostorColour, sign: 'area' },
      ...(threshold === undefined
        ? []
        : [{ name: 'threshold', colour: 'currentColor', sign: 'line' } as const]),
    ],
    table: {
      headings: ['similarity from', 'to', 'genuine pairs', 'impostor pairs'],
      rows: genuineBins.flatMap(({ from, to }, bin) => {
        const counts = [genuine[bin] ?? 0, impostor[bin] ?? 0];
        return counts.some(Boolean) ? [[from, to, ...counts]] : [];
      }),
    },
    options: (space) => {
      const shares = [...genuineBins, ...impostorBins].map(({ share }) => share);
      const range: AxisRange = {
        domain: [lowest, 1],
        ...linearTicks([lowest, 1], horizontalTickCount(space)),
      };
      const x: AxisShown = { axis: { label: 'cosine similarity', format: 'number' }, range };
      const heights = linearRange([0, ...shares], verticalTickCount, { lowest: 0, highest: 1 });
      const y: AxisShown = { axis: { label: 'share of the pairs', format: 'percent' }, range: heights };
      return {
        ...framed(space, x, y),
        marks: [
          ...outline(
            impostorBins.filter(({ from }) => from >= lowest - 1e-9),
            impostorColour,
          ),
          ...outline(
            genuineBins.filter(({ from }) => from >= lowest - 1e-9),
            genuineColour,
          ),
          ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.4 }),
          ...similarityMarks(data, lowest, space),
          ...(space.isInteractive ? [rateTip(data, genuineBins, lowest)] : []),
        ],
      };
    },
  };
}

function binsOf(counts: readonly number[]): readonly Bin[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const edge = (bin: number): number => Number((-1 + (2 * bin) / counts.length).toFixed(6));
  return counts.map((count, bin) => ({
    from: edge(bin),
    to: edge(bin + 1),
    share: count / Math.max(total, 1),
  }));
}

/** The bins as one shape with steps. */
function outline(bins: readonly Bin[], colour: string): readonly Markish[] {
  const last = bins.at(-1);
  const points = [
    ...bins.map(({ from, share }) => ({ at: from, share })),
    ...(last === undefined ? [] : [{ at: last.to, share: last.share }]),
  ];
  const places = { x: 'at', curve: 'step-after' } as const;
  return [
    areaY(points, { ...places, y: 'share', fill: colour, fillOpacity: 0.35 }),
    line(points, { ...places, y: 'share', stroke: colour, strokeWidth: 1.25 }),
  ];
}

/** The threshold as a line through the whole frame; other similarities dashed, their names one beneath the other. */
function similarityMarks(
  { threshold, marks = [] }: SimilarityChartData,
  lowest: number,
  { width }: ChartSpace,
): readonly Markish[] {
  const shown = marks.filter(({ similarity }) => Number.isFinite(similarity));
  const isRight = (similarity: number): boolean => similarity > lowest + 0.65 * (1 - lowest);
  return [
    ...(threshold === undefined ? [] : [ruleX([threshold], { stroke: 'currentColor', strokeWidth: 1.75 })]),
    ruleX(shown, { x: 'similarity', stroke: 'currentColor', strokeWidth: 1.5, strokeDasharray: '4 3' }),
    ...shown.map(({ similarity, label }, row) =>
      text([label], {
        x: [similarity],
        frameAnchor: isRight(similarity) ? 'top-right' : 'top-left',
        textAnchor: isRight(similarity) ? 'end' : 'start',
        dx: isRight(similarity) ? -5 : 5,
        dy: 4 + 15 * row,
        lineWidth: width / 24,
        fill: 'currentColor',
        stroke: 'var(--chart-ground)',
        strokeWidth: 4,
      }),
    ),
  ];
}

/** What a pointer is told: the error rates if the threshold were there. */
function rateTip(counts: SimilarityCounts, bins: readonly Bin[], lowest: number): Markish {
  const places = bins.map(({ from }) => from).filter((from) => from >= lowest);
  const title = (at: number): string => {
    const { falseMatchRate, falseNonMatchRate } = errorRatesAt(counts, at);
    return `from ${at.toFixed(2)} on a match:\nFMR ${valueText('percent', falseMatchRate)}\nFNMR ${valueText('percent', falseNonMatchRate)}`;
  };
  return tip(places, pointerX({ x: (at: number) => at, y: 0, title, anchor: 'bottom' }));
}

/** Embeddings of some models are never far apart; the first bin holds the faces that were not found. */
function lowestShown(
  genuine: readonly Bin[],
  impostor: readonly Bin[],
  { threshold = 1, marks = [] }: SimilarityChartData,
): number {
  const occupied = [...genuine.slice(1), ...impostor.slice(1)].filter(({ share }) => share > 0);
  const similarities = [
    ...occupied.map(({ from }) => from),
    threshold,
    ...marks.map((mark) => mark.similarity),
  ];
  return Math.max(-1, Math.floor((Math.min(0.95, ...similarities) - 0.02) * 10) / 10);
}

function describe(data: SimilarityChartData): string {
  const { threshold, marks = [] } = data;
  const total = (counts: readonly number[]): string =>
    counts.reduce((sum, count) => sum + count, 0).toLocaleString('en');
  const of = `Shares of ${total(data.genuine)} genuine and ${total(data.impostor)} impostor pairs by cosine similarity.`;
  const said = marks.map(({ label, similarity }) => `${label}: ${similarity.toFixed(4)}.`);
  if (threshold === undefined) return [of, ...said].join(' ');
  const { falseMatchRate, falseNonMatchRate } = errorRatesAt(data, threshold);
  const rates = `false match rate ${valueText('percent', falseMatchRate)}, false non-match rate ${valueText('percent', falseNonMatchRate)}`;
  return [of, `At the threshold ${threshold.toFixed(4)}: ${rates}.`, ...said].join(' ');
}
