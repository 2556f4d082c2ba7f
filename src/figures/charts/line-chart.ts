import type { PlotOptions } from '@observablehq/plot';

import type { Chart, ChartSpace, ChartTable } from './chart.js';
import { type Axis, framed, horizontalTickCount, textWidth, verticalTickCount } from './frame.js';
import { legendOf } from './legend.js';
import {
  emptyMark,
  haloMark,
  hiddenSeries,
  highlightMarks,
  intervalMarks,
  type LinePoint,
  lineMarks,
  pointTip,
} from './line-marks.js';
import { seriesLook } from './series-colours.js';
import { thinned } from './thinned-points.js';
import { type AxisRange, extent, linearRange, linearTicks, logRange, type ValueLimits } from './ticks.js';
import { shortened, valueText } from './value-format.js';

export type { LinePoint } from './line-marks.js';

export interface LineSeries {
  readonly name: string;
  /** By x, least first. */
  readonly points: readonly LinePoint[];
}

export interface LineChartData {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** What cannot be drawn on a logarithmic axis (0 and below) is left out of it. */
  readonly isLogarithmic?: boolean;
  readonly series: readonly LineSeries[];
  /** How the intervals of points are drawn: as a band behind the curve, or as a bar at each point. */
  readonly intervals?: 'band' | 'bars';
  /** Points that something is to be said of: a choice, a best one. */
  readonly highlights?: readonly { readonly x: number; readonly y: number; readonly label: string }[];
  /** Names of places on the horizontal axis, where they are not numbers. */
  readonly places?: readonly { readonly x: number; readonly name: string }[];
}

/** Curves over steps, epochs, a setting: any number of points, each with an interval where it has one. */
export function lineChart(data: LineChartData): Chart {
  const { title, series } = data;
  return {
    title,
    description: describe(data),
    legend: legendOf(series.map(({ name }) => name)),
    table: tableOf(data),
    options: (space) => lineOptions(data, space),
  };
}

function lineOptions(data: LineChartData, space: ChartSpace): PlotOptions {
  const { x, y, places, intervals = 'band', highlights = [], isLogarithmic = false } = data;
  const drawn = data.series.map(({ name, points }, index) => ({
    name,
    look: seriesLook(index),
    // Beside each other, so that bars at one place can be told apart.
    asidePixels: intervals === 'bars' ? (index - (data.series.length - 1) / 2) * 10 : 0,
    points: thinned(
      points.filter((point) => Number.isFinite(point.y) && (!isLogarithmic || point.y > 0)),
      space.width,
    ),
  }));
  const points = drawn.flatMap((one) => one.points);
  const heights = points.flatMap((point) => [point.y, point.lower ?? point.y, point.upper ?? point.y]);
  const isLog = isLogarithmic && heights.length > 0;
  const range = isLog
    ? logRange(heights, verticalTickCount)
    : linearRange(heights, verticalTickCount, limitsOf(y, heights));
  const marks = [
    ...hiddenSeries(drawn).map(haloMark),
    ...drawn.flatMap((one) => intervalMarks(one, intervals)),
    ...drawn.flatMap((one) => lineMarks(one, y)),
    ...highlightMarks(highlights, space),
    ...(points.length === 0 ? [emptyMark('Nothing was measured yet.')] : []),
  ];
  const nameAt = (tick: number): string =>
    shortened(places?.find((place) => place.x === tick)?.name ?? '', longestPlaceName);
  return {
    ...framed(
      space,
      {
        axis: x,
        range:
          places === undefined
            ? stepRange(points, space, intervals === 'bars' ? barRoom : 0)
            : placeRange(places.map((place) => place.x)),
        ...(places === undefined
          ? {}
          : {
              text: nameAt,
              isAslant: areCrowded(
                places.map((place) => nameAt(place.x)),
                space,
              ),
            }),
      },
      { axis: y, range, scale: { type: isLog ? 'log' : 'linear' } },
    ),
    marks: space.isInteractive ? [...marks, pointTip(drawn, x, y)] : marks,
  };
}

/** On either side of the first and the last bars, as a part of the axis: these stand aside, beyond their places. */
const barRoom = 0.025;

/** From the first step to the last, with room about a single one; marks of steps are whole. */
function stepRange(points: readonly LinePoint[], space: ChartSpace, room: number): AxisRange {
  const places = points.map((point) => point.x);
  const [first, last] = places.length === 0 ? [0, 1] : extent(places);
  // A single step is as far as the run came; curves beside it begin at 0, too.
  const start = first > 0 && (first <= 0.35 * last || first === last) ? 0 : first;
  const ends: [number, number] = start === last ? [start - 1, start + 1] : [start, last];
  const { ticks, step } = linearTicks(ends, horizontalTickCount(space));
  const aside = room * (ends[1] - ends[0]);
  const domain = [ends[0] - aside, ends[1] + aside] as const;
  if (!places.every(Number.isInteger)) return { domain, ticks, step };
  return { domain, ticks: ticks.filter(Number.isInteger), step: Math.max(step, 1) };
}

/** Characters. */
const longestPlaceName = 24;

/** Whether names side by side would touch each other. */
function areCrowded(names: readonly string[], { width }: ChartSpace): boolean {
  const room = ((width - 70) * 0.83) / Math.max(1, names.length - 1);
  return names.some((name) => textWidth(name) + 8 > room);
}

/** All places, with room on either side for what is drawn about the outer ones. */
function placeRange(places: readonly number[]): AxisRange {
  const [first, last] = extent(places);
  const aside = (last - first) * 0.1 || 1;
  return { domain: [first - aside, last + aside], ticks: places, step: 1 };
}

/** Shares lie between 0 and 1; a difference of shares may be below 0, and has no such limits. */
function limitsOf({ format }: Axis, values: readonly number[]): ValueLimits {
  return format === 'percent' && values.every((value) => value >= 0) ? { lowest: 0, highest: 1 } : {};
}

function tableOf({ x, y, series, places }: LineChartData): ChartTable {
  const haveIntervals = series.some(({ points }) => points.some(({ lower }) => lower !== undefined));
  const placeOf = (at: number): string | number => places?.find((place) => place.x === at)?.name ?? at;
  return {
    headings: ['series', x.label, y.label, ...(haveIntervals ? ['lower', 'upper'] : [])],
    rows: series.flatMap(({ name, points }) =>
      points.map((point) => [
        name,
        placeOf(point.x),
        point.y,
        ...(haveIntervals ? [point.lower ?? '', point.upper ?? ''] : []),
      ]),
    ),
  };
}

function describe({ x, y, series, places, highlights = [], isLogarithmic = false }: LineChartData): string {
  const axis = isLogarithmic ? `${y.label}, logarithmic,` : y.label;
  const placeText = (at: number): string =>
    places?.find((place) => place.x === at)?.name ?? valueText(x.format, at);
  const ends = series.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined) return `${name}: nothing was measured.`;
    const [from, to] = [valueText(y.format, first.y), valueText(y.format, last.y)];
    return points.length === 1
      ? `${name}: ${to} at ${placeText(last.x)}.`
      : `${name}: from ${from} at ${placeText(first.x)} to ${to} at ${placeText(last.x)}.`;
  });
  const said = highlights.map(
    (point) => `${point.label}: ${valueText(y.format, point.y)} at ${placeText(point.x)}.`,
  );
  return [`${axis} over ${x.label}.`, ...ends, ...said].join(' ');
}
