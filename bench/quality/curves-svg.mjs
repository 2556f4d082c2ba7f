/** Error-versus-discard curves as an SVG image. After `npm run build`. */
import { lineChart } from '../../dist/figures/charts/line-chart.js';
import { svgFile } from '../../dist/figures/static/static-chart.js';

/** CSS pixels. */
const width = 640;

/** @param curves of errorVersusDiscard, by name */
export function curvesSvg(title, curves) {
  const series = Object.entries(curves).map(([name, { points }]) => ({
    name,
    points: points.map(({ discarded, falseNonMatchRate }) => ({ x: discarded, y: falseNonMatchRate })),
  }));
  const chart = lineChart({
    title,
    x: { label: 'pairs discarded, the poorest first', format: 'percent' },
    y: { label: 'false non-match rate', format: 'percent' },
    series,
  });
  return svgFile(chart, width);
}
