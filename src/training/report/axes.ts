import { html, type Html, type HtmlValue } from './html.js';

/** Anything that maps values to pixels and knows good places for marks. */
interface Scale {
  (value: number): number;
  ticks(count?: number): number[];
}

export interface PlotFrame {
  readonly width: number;
  readonly height: number;
  readonly margin: {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  };
}

export const plotFrame: PlotFrame = {
  width: 560,
  height: 340,
  margin: { left: 64, right: 16, top: 16, bottom: 48 },
};

/** The style of plots on their own, and of those that are part of a page. */
export const plotStyle = `svg text, text { font: 12px system-ui, sans-serif; fill: #444; }
.grid { stroke: #e3e7eb; } .curve { fill: none; stroke: #0b62c4; stroke-width: 2; }
.genuine rect { fill: #0b62c4; opacity: 0.6; } .impostor rect { fill: #c43b0b; opacity: 0.6; }`;

interface Axis {
  readonly scale: Scale;
  readonly label: string;
  readonly format: (value: number) => string;
  /** The places of marks; the scale's own choice where it is undefined. */
  readonly ticks?: readonly number[];
}

/** An SVG image with both axes, a grid, and the marks that were drawn inside. */
export function plotSvg(x: Axis, y: Axis, marks: HtmlValue, title: string): Html {
  const { width, height, margin } = plotFrame;
  const [left, right] = [margin.left, width - margin.right];
  const [top, bottom] = [margin.top, height - margin.bottom];
  const columns = (x.ticks ?? x.scale.ticks(8)).map((value) => {
    const at = x.scale(value).toFixed(1);
    return html`<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}" />
      <text x="${at}" y="${bottom + 18}" text-anchor="middle">${x.format(value)}</text>`;
  });
  const rows = (y.ticks ?? y.scale.ticks(6)).map((value) => {
    const at = y.scale(value);
    const line = at.toFixed(1);
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${line}" y2="${line}" />
      <text x="${left - 8}" y="${(at + 4).toFixed(1)}" text-anchor="end">${y.format(value)}</text>`;
  });
  const middle = (left + right) / 2;
  const centre = (top + bottom) / 2;
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="${title}"
  >
    ${columns}${rows}${marks}
    <text x="${middle}" y="${height - 8}" text-anchor="middle">${x.label}</text>
    <text transform="translate(14 ${centre}) rotate(-90)" text-anchor="middle">${y.label}</text>
  </svg>`;
}
