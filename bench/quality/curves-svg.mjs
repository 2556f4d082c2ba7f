/** Error-versus-discard curves as an SVG image. */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { plotFrame, plotStyle, plotSvg } from '../../dist/training/report/axes.js';
import { Html, html } from '../../dist/training/report/html.js';
import { mostDiscarded } from './error-curves.mjs';

const { width, height, margin } = plotFrame;
/** After Okabe and Ito, for all kinds of colour vision, and lighter and darker ones of these. */
const colours = [
  '#000000',
  '#e69f00',
  '#56b4e9',
  '#009e73',
  '#d8c51a',
  '#0072b2',
  '#d55e00',
  '#cc79a7',
  '#8c8c8c',
  '#7a5230',
];
const legendLine = 15;

/** @param curves of errorVersusDiscard; the first is drawn thicker */
export function curvesSvg(title, curves) {
  const rates = Object.values(curves).flatMap(({ points }) => points.map((point) => point.falseNonMatchRate));
  const x = scaleLinear([0, mostDiscarded], [margin.left, width - margin.right]);
  const y = scaleLinear([0, Math.max(...rates, 1e-3)], [height - margin.bottom, margin.top]).nice();
  const path = line(
    ({ discarded }) => x(discarded),
    ({ falseNonMatchRate }) => y(falseNonMatchRate),
  );
  const marks = Object.entries(curves).map(([name, { points }], index) => {
    const [colour, place] = [
      colours[index % colours.length],
      height - margin.bottom - 8 - legendLine * index,
    ];
    const thickness = index === 0 ? 3 : 1.5;
    return html`<path d="${path(points)}" fill="none" stroke="${colour}" stroke-width="${thickness}" />
      <line
        x1="${margin.left + 8}"
        x2="${margin.left + 28}"
        y1="${place - 4}"
        y2="${place - 4}"
        stroke="${colour}"
        stroke-width="${thickness}"
      />
      <text x="${margin.left + 34}" y="${place}">${name}</text>`;
  });
  const percent = (digits) => (value) => `${(100 * value).toFixed(digits)} %`;
  return plotSvg(
    { scale: x, label: 'pairs discarded, the poorest first', format: percent(0) },
    { scale: y, label: 'false non-match rate', format: percent(y.domain()[1] < 0.1 ? 1 : 0) },
    [Html.style(plotStyle), marks],
    title,
  ).text;
}
