import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import type { CurvePoint, SimilarityHistogram } from '../../core/protocols/verification-report.js';
import { plotFrame, plotSvg } from '../../training/report/axes.js';
import { html, type Html } from '../../training/report/html.js';

const { width, height, margin } = plotFrame;
const xRange = [margin.left, width - margin.right];
const yRange = [height - margin.bottom, margin.top];

/** ROC with the false match rate on a logarithmic axis. */
export function rocPlot(curve: readonly CurvePoint[]): Html {
  const least = curve[0]?.falseMatchRate ?? 1e-3;
  const lowest = Math.min(...curve.map(({ trueAcceptRate }) => trueAcceptRate));
  const x = scaleLog([least, 1], xRange);
  // What is of interest lies near the top.
  const y = scaleLinear([Math.max(0, Math.floor(lowest * 20) / 20 - 0.05), 1], yRange);
  const path = line<CurvePoint>(
    ({ falseMatchRate }) => x(falseMatchRate),
    ({ trueAcceptRate }) => y(trueAcceptRate),
  )([...curve]);
  return plotSvg(
    { scale: x, label: 'false match rate', format: exponential, ticks: decadesFrom(least) },
    { scale: y, label: 'true accept rate', format: (value) => `${(value * 100).toFixed(0)} %` },
    html`<path class="curve" d="${path ?? ''}" />`,
    'ROC curve',
  );
}

/** DET: false non-matches by false matches, both on logarithmic axes, as NIST draws it. */
export function detPlot(curve: readonly CurvePoint[]): Html {
  const least = curve[0]?.falseMatchRate ?? 1e-3;
  const misses = curve.map(({ falseMatchRate, trueAcceptRate }) => ({
    falseMatchRate,
    falseNonMatchRate: 1 - trueAcceptRate,
  }));
  // Zero has no place on a logarithmic axis.
  const drawn = misses.filter(({ falseNonMatchRate }) => falseNonMatchRate > 0);
  const lowest = Math.min(...drawn.map(({ falseNonMatchRate }) => falseNonMatchRate), 0.1);
  const leastShown = 10 ** Math.floor(Math.log10(lowest));
  const x = scaleLog([least, 1], xRange);
  const y = scaleLog([leastShown, 1], yRange);
  const path = line<(typeof drawn)[number]>(
    (point) => x(point.falseMatchRate),
    (point) => y(point.falseNonMatchRate),
  )(drawn);
  return plotSvg(
    { scale: x, label: 'false match rate', format: exponential, ticks: decadesFrom(least) },
    { scale: y, label: 'false non-match rate', format: exponential, ticks: decadesFrom(leastShown) },
    html`<path class="curve" d="${path ?? ''}" />`,
    'DET curve',
  );
}

/** 1, 0.1 … down to the given value. */
function decadesFrom(least: number): readonly number[] {
  return Array.from({ length: Math.floor(-Math.log10(least) + 1e-9) + 1 }, (_, power) => 10 ** -power);
}

function exponential(value: number): string {
  return value.toExponential(0);
}

/** Shares of genuine and impostor pairs by similarity. */
export function histogramPlot({ genuine, impostor }: SimilarityHistogram): Html {
  const shares = [genuine, impostor].map((counts) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => count / Math.max(total, 1));
  });
  const x = scaleLinear([lowestShown(shares), 1], xRange);
  const y = scaleLinear([0, Math.max(...shares.flat(), 0.01)], yRange).nice();
  const bars = shares.map((share, kind) => {
    const rectangles = share.map((part, bin) => {
      const [start, end] = [x(-1 + (2 * bin) / share.length), x(-1 + (2 * (bin + 1)) / share.length)];
      const top = y(part);
      if (part === 0 || start < margin.left) return undefined;
      const [width, height] = [(end - start).toFixed(1), (y(0) - top).toFixed(1)];
      return html`<rect x="${start.toFixed(1)}" y="${top.toFixed(1)}" width="${width}" height="${height}" />`;
    });
    return html`<g class="${kind === 0 ? 'genuine' : 'impostor'}">${rectangles}</g>`;
  });
  return plotSvg(
    { scale: x, label: 'cosine similarity', format: String },
    { scale: y, label: 'share of the pairs', format: (value) => `${(value * 100).toFixed(0)} %` },
    bars,
    'similarities of genuine and impostor pairs',
  );
}

/** Embeddings of some models are never far apart; the first bin holds the faces that were not found. */
function lowestShown(shares: readonly (readonly number[])[]): number {
  const bins = shares[0]?.length ?? 1;
  const occupied = shares.map((share) => share.findIndex((part, bin) => bin > 0 && part > 0));
  const first = Math.min(...occupied.filter((bin) => bin > 0), bins - 1);
  return Math.max(-1, Math.floor((-1 + (2 * first) / bins) * 10 - 0.5) / 10);
}
