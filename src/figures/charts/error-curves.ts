import { areaY, line, type Markish, pointer, tip } from '@observablehq/plot';

import type { ChartSpace, ChartTable } from './chart.js';
import { tipRadius } from './line-marks.js';
import { seriesLook } from './series-colours.js';
import { valueText } from './value-format.js';

/** How one model errs at every threshold. */
export interface ErrorCurve {
  /** Of the model, or of what else is compared. */
  readonly name: string;
  /** By false match rate, least first. */
  readonly points: readonly { readonly falseMatchRate: number; readonly trueAcceptRate: number }[];
  /** Confidence intervals of the true accept rate where they are known; between them the band is drawn straight. */
  readonly intervals?: readonly RateInterval[];
}

export interface RateInterval {
  readonly falseMatchRate: number;
  readonly lower: number;
  readonly upper: number;
}

/** Where a point of a curve lies on a chart's axes. */
export interface RatePlace {
  readonly x: number;
  readonly y: number;
  /** The rate on the vertical axis. */
  readonly rate: number;
}

/** Finds the place of a point; undefined where it has none. */
export type PlaceOf = (falseMatchRate: number, trueAcceptRate: number) => RatePlace | undefined;

interface PlacedCurve {
  readonly line: readonly (RatePlace & { readonly title: string })[];
  readonly band: readonly { readonly x: number; readonly lower: number; readonly upper: number }[];
  readonly bandRates: readonly number[];
}

/** The curves with their bands, each in the colour of its place in the list, and all rates of the vertical axis. */
export function errorCurveMarks(
  curves: readonly ErrorCurve[],
  { isInteractive }: ChartSpace,
  placeOf: PlaceOf,
): { readonly marks: readonly Markish[]; readonly rates: readonly number[] } {
  const placed = curves.map((curve) => placedCurve(curve, placeOf));
  const marks = placed.flatMap(({ line: points, band }, index) => {
    const { colour, dashes } = seriesLook(index);
    return [
      areaY(band, { x: 'x', y1: 'lower', y2: 'upper', fill: colour, fillOpacity: 0.15 }),
      line(points, {
        x: 'x',
        y: 'y',
        stroke: colour,
        strokeWidth: 2,
        ...(dashes === undefined ? {} : { strokeDasharray: dashes }),
      }),
    ];
  });
  const points = placed.flatMap((curve) => curve.line);
  const tips = isInteractive
    ? [tip(points, pointer({ x: 'x', y: 'y', title: 'title', maxRadius: tipRadius }))]
    : [];
  const rates = placed.flatMap((curve) => [...curve.line.map(({ rate }) => rate), ...curve.bandRates]);
  return { marks: [...marks, ...tips], rates };
}

function placedCurve({ name, points, intervals = [] }: ErrorCurve, placeOf: PlaceOf): PlacedCurve {
  const banded = intervals
    .toSorted((a, b) => a.falseMatchRate - b.falseMatchRate)
    .flatMap(({ falseMatchRate, lower, upper }) => {
      const [low, high] = [placeOf(falseMatchRate, lower), placeOf(falseMatchRate, upper)];
      return low === undefined || high === undefined ? [] : [{ low, high }];
    });
  return {
    bandRates: banded.flatMap(({ low, high }) => [low.rate, high.rate]),
    band: banded.map(({ low, high }) => ({ x: low.x, lower: low.y, upper: high.y })),
    line: points.flatMap(({ falseMatchRate, trueAcceptRate }) => {
      const place = placeOf(falseMatchRate, trueAcceptRate);
      if (place === undefined) return [];
      const rates = `FMR ${valueText('exponential', falseMatchRate)}\nTAR ${valueText('percent', trueAcceptRate)}`;
      return [{ ...place, title: `${name}\n${rates}` }];
    }),
  };
}

/** The lowest false match rate that any of the curves tells; 1e-3 where there is none. */
export function leastFalseMatchRate(curves: readonly ErrorCurve[]): number {
  const rates = curves.flatMap(({ points }) => points.map(({ falseMatchRate }) => falseMatchRate));
  return Math.min(0.1, ...rates.filter((rate) => rate > 0)) || 1e-3;
}

export function errorCurveTable(curves: readonly ErrorCurve[]): ChartTable {
  return {
    headings: ['model', 'false match rate', 'true accept rate', 'false non-match rate'],
    rows: curves.flatMap(({ name, points }) =>
      points.map(({ falseMatchRate, trueAcceptRate }) => [
        name,
        falseMatchRate,
        trueAcceptRate,
        1 - trueAcceptRate,
      ]),
    ),
  };
}

/** What each curve says at a few false match rates. */
export function describeCurves(curves: readonly ErrorCurve[]): string {
  return curves
    .map(({ name, points }) => {
      const rates = [1e-3, 1e-2, 1e-1].flatMap((rate) => {
        const point = points.find(({ falseMatchRate }) => falseMatchRate >= rate * (1 - 1e-9));
        if (point === undefined || point.falseMatchRate > 2 * rate) return [];
        const accepted = valueText('percent', point.trueAcceptRate);
        return [`${accepted} at ${valueText('exponential', point.falseMatchRate)}`];
      });
      return `${name}: true accept rate ${rates.join(', ')}.`;
    })
    .join(' ');
}
