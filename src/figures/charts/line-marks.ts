import { areaY, dot, line, type Markish, pointer, ruleX, text, tip } from '@observablehq/plot';

import type { ChartSpace } from './chart.js';
import type { Axis } from './frame.js';
import type { SeriesLook } from './series-colours.js';
import { valueText } from './value-format.js';

/** A value at a step, an epoch, a setting; with the interval that it lies in where that is known. */
export interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly lower?: number;
  readonly upper?: number;
}

/** A series as it is drawn. */
export interface DrawnSeries {
  readonly name: string;
  readonly look: SeriesLook;
  readonly asidePixels: number;
  readonly points: readonly LinePoint[];
}

/** So few points of a series are drawn as dots, too: a line of one point is nothing to see. */
const dottedBelow = 25;

/** The curve of a series. @param y says how the value of a point that stands alone is written beside it */
export function lineMarks({ look, points, asidePixels }: DrawnSeries, y: Axis): readonly Markish[] {
  const places = { x: 'x', y: 'y', dx: asidePixels } as const;
  const dashes = look.dashes === undefined ? {} : { strokeDasharray: look.dashes };
  return [
    line(points, { ...places, ...dashes, stroke: look.colour, strokeWidth: 1.75 }),
    ...(points.length < dottedBelow ? [dot(points, { ...places, r: 3, fill: look.colour })] : []),
    ...(points.length === 1 ? [loneValue(points, y)] : []),
  ];
}

/** The value of a point that stands alone, to its left: a single step lies at the end of the axis. */
function loneValue(points: readonly LinePoint[], { format }: Axis): Markish {
  return text(points, {
    x: 'x',
    y: 'y',
    text: (point: LinePoint) => valueText(format, point.y),
    textAnchor: 'end',
    dx: -9,
    fill: 'currentColor',
  });
}

/** The series that lie beneath a later one from end to end: nobody would see them. */
export function hiddenSeries(series: readonly DrawnSeries[]): readonly DrawnSeries[] {
  return series.filter((one, index) => series.slice(index + 1).some((other) => areSame(one, other)));
}

function areSame({ points, asidePixels }: DrawnSeries, other: DrawnSeries): boolean {
  return (
    points.length > 0 &&
    points.length === other.points.length &&
    asidePixels === other.asidePixels &&
    points.every(({ x, y }, index) => {
      const beside = other.points[index];
      return beside?.x === x && Math.abs(beside.y - y) <= 0.003 * Math.abs(y);
    })
  );
}

/** A broad line, which is seen on both sides of the one above it. */
export function haloMark({ look, points }: DrawnSeries): Markish {
  return line(points, { x: 'x', y: 'y', stroke: look.colour, strokeWidth: 6, strokeOpacity: 0.5 });
}

export function intervalMarks(
  { look, points, asidePixels }: DrawnSeries,
  shape: 'band' | 'bars',
): readonly Markish[] {
  const known = points.filter(({ lower, upper }) => lower !== undefined && upper !== undefined);
  if (known.length === 0) return [];
  if (shape === 'band')
    return [areaY(known, { x: 'x', y1: 'lower', y2: 'upper', fill: look.colour, fillOpacity: 0.15 })];
  const bar = { x: 'x', dx: asidePixels, stroke: look.colour, strokeWidth: 1.5 } as const;
  return [
    ruleX(known, { ...bar, y1: 'lower', y2: 'upper' }),
    ...(['lower', 'upper'] as const).map((end) =>
      dot(known, { ...bar, y: end, symbol: capSymbol, r: 4, fill: 'none' }),
    ),
  ];
}

/** The end of an interval's bar: a stroke across it. */
const capSymbol = {
  draw(
    context: { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void },
    size: number,
  ): void {
    const half = Math.sqrt(size) / 1.8;
    context.moveTo(-half, 0);
    context.lineTo(half, 0);
  },
};

/** Rings about what was chosen, with what is said of it above. */
export function highlightMarks(
  highlights: readonly { readonly x: number; readonly y: number; readonly label: string }[],
  { width }: ChartSpace,
): readonly Markish[] {
  if (highlights.length === 0) return [];
  const ring = dot(highlights, { x: 'x', y: 'y', r: 7, stroke: 'currentColor', strokeWidth: 1.75 });
  const label = text(highlights, {
    x: 'x',
    y: 'y',
    text: 'label',
    dy: -15,
    lineWidth: width / 30,
    stroke: 'var(--chart-ground)',
    strokeWidth: 4,
    fill: 'currentColor',
  });
  return [ring, label];
}

/** How far from a pointer what it is told of may be, CSS pixels. */
export const tipRadius = 120;

/** What a pointer is told of the nearest point. */
export function pointTip(series: readonly DrawnSeries[], x: Axis, y: Axis): Markish {
  const points = series.flatMap(({ name, points: own }) => own.map((point) => ({ ...point, name })));
  const title = ({ name, x: at, y: value }: (typeof points)[number]): string =>
    `${name}\n${x.label}: ${valueText(x.format, at)}\n${y.label}: ${valueText(y.format, value)}`;
  return tip(points, pointer({ x: 'x', y: 'y', title, maxRadius: tipRadius }));
}

/** What is said in a frame that has nothing else in it. */
export function emptyMark(words: string): Markish {
  return text([words], { frameAnchor: 'middle', fill: 'currentColor' });
}
