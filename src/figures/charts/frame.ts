import type { PlotOptions, ScaleOptions } from '@observablehq/plot';

import type { ChartSpace } from './chart.js';
import { type AxisRange } from './ticks.js';
import { tickText, type ValueFormat } from './value-format.js';

/** What one axis shows. */
export interface Axis {
  /** With its unit in brackets, where it has one that the marks do not name. */
  readonly label: string;
  readonly format: ValueFormat;
}

/** How wide a character is at most, about, of text of 12. */
const characterPixels = 7;

/** About how many marks the horizontal axis has room for. */
export function horizontalTickCount({ width }: ChartSpace): number {
  return Math.max(3, Math.min(8, Math.floor(width / 85)));
}

export const verticalTickCount = 5;

/** Three fifths as high as wide, but neither flat on a phone nor taller than a screen. */
function chartHeight({ width }: ChartSpace): number {
  return Math.round(Math.min(Math.max(width * 0.58, 240), 420));
}

/** How wide a text is at most, about, CSS pixels. */
export function textWidth(text: string): number {
  return text.length * characterPixels;
}

/** An axis with what is on it. */
export interface AxisShown {
  readonly axis: Axis;
  readonly range: AxisRange;
  /** What a mark says, where it is not its value in the axis' format. */
  readonly text?: (tick: number) => string;
  /** Whether what marks say stands aslant: it is too long to stand side by side. */
  readonly isAslant?: boolean;
  readonly scale?: ScaleOptions;
}

/** What charts with two numeric axes have in common: size, margins for what the marks say, and no style of Plot's. */
export function framed(space: ChartSpace, x: AxisShown, y: AxisShown): PlotOptions {
  const [xText, yText] = [tickTextOf(x), tickTextOf(y)];
  const lastLabel = xText(x.range.ticks.at(-1) ?? 0);
  const slant = x.isAslant === true ? slantedHeight(x.range.ticks.map(xText)) : 0;
  return {
    width: space.width,
    height: chartHeight(space) + slant,
    className: 'chart-drawing',
    marginLeft: Math.ceil(Math.max(24, ...y.range.ticks.map((tick) => textWidth(yText(tick)))) + 12),
    marginRight: Math.ceil(Math.max(14, textWidth(lastLabel) / 2 + 4)),
    marginTop: 36,
    marginBottom: 48 + slant,
    x: {
      ...axisOptions(x, xText),
      tickPadding: 9,
      labelAnchor: 'center',
      labelOffset: 42 + slant,
      ...(slant === 0 ? {} : { tickRotate: slantDegrees }),
    },
    y: axisOptions(y, yText),
  };
}

const slantDegrees = -35;

/** How much higher texts aslant are than upright ones, CSS pixels. */
function slantedHeight(texts: readonly string[]): number {
  const longest = Math.max(0, ...texts.map(textWidth));
  return Math.ceil(longest * Math.sin((-slantDegrees * Math.PI) / 180));
}

function tickTextOf({ axis, range, text }: AxisShown): (tick: number) => string {
  return text ?? ((tick) => tickText(axis.format, tick, range.step));
}

function axisOptions({ axis, range, scale }: AxisShown, text: (tick: number) => string): ScaleOptions {
  return {
    domain: [...range.domain],
    ticks: [...range.ticks],
    tickFormat: text,
    tickSize: 0,
    tickPadding: 6,
    grid: true,
    label: axis.label,
    labelArrow: 'none',
    ...scale,
  };
}
