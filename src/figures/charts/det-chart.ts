import { shortPercent } from '../../core/protocols/figure-text.js';
import type { Chart } from './chart.js';
import {
  describeCurves,
  type ErrorCurve,
  errorCurveMarks,
  errorCurveTable,
  leastFalseMatchRate,
  type RatePlace,
} from './error-curves.js';
import { framed, horizontalTickCount, verticalTickCount } from './frame.js';
import { legendOf } from './legend.js';
import { emptyMark } from './line-marks.js';
import { normalDeviate } from './normal-deviate.js';
import { type AxisRange, extent } from './ticks.js';

/** Rates that marks may stand at, least first: those that a person would name. */
const namedRates = [
  1e-7, 1e-6, 1e-5, 1e-4, 2e-4, 5e-4, 1e-3, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9,
  0.95, 0.98, 0.99, 0.999,
] as const;

/** Beyond it a curve tells nothing that anybody works with. */
const greatestFalseMatchRate = 0.4;

/** DET curves over each other: false non-matches by false matches, both axes spaced by normal deviates. */
export function detChart(curves: readonly ErrorCurve[], title = 'DET'): Chart {
  const least = leastFalseMatchRate(curves);
  return {
    title,
    description: `False non-match rate over false match rate, both by normal deviates; lower left is better. ${describeCurves(curves)}`,
    legend: legendOf(curves.map(({ name }) => name)),
    table: errorCurveTable(curves),
    options: (space) => {
      const { marks, rates } = errorCurveMarks(curves, space, placeOf);
      const misses = rates.length === 0 ? [1e-3, greatestFalseMatchRate] : rates;
      const range = deviateRange([least, greatestFalseMatchRate], horizontalTickCount(space));
      const empty = rates.length === 0 ? [emptyMark('No false non-matches: nothing to draw.')] : [];
      return {
        ...framed(
          space,
          { axis: { label: 'false match rate', format: 'percent' }, range, text: rateText },
          {
            axis: { label: 'false non-match rate', format: 'percent' },
            range: deviateRange(misses, verticalTickCount + 1),
            text: rateText,
          },
        ),
        marks: [...marks, ...empty],
      };
    },
  };
}

/** Rates of 0 and 1 have no normal deviate. */
function placeOf(falseMatchRate: number, trueAcceptRate: number): RatePlace | undefined {
  const rate = 1 - trueAcceptRate;
  // What is left of a difference of two numbers near 1 is no rate.
  const isShown =
    falseMatchRate > 0 && falseMatchRate <= greatestFalseMatchRate && rate >= namedRates[0] && rate < 1;
  return isShown ? { x: normalDeviate(falseMatchRate), y: normalDeviate(rate), rate } : undefined;
}

/** An axis between the named rates about the given ones, with no more marks than have room. */
function deviateRange(rates: readonly number[], count: number): AxisRange {
  const [low, high] = extent(rates);
  const first = namedRates.findLast((rate) => rate <= low * (1 + 1e-9)) ?? namedRates[0];
  const last =
    namedRates.find((rate) => rate >= high * (1 - 1e-9) && rate > first) ?? namedRates.at(-1) ?? high;
  const within = namedRates.filter((rate) => rate >= first && rate <= last).map(normalDeviate);
  const domain: [number, number] = [normalDeviate(first), normalDeviate(last)];
  const room = (domain[1] - domain[0]) / (count + 1);
  // From the top, which is always named.
  const ticks = within.toReversed().reduce<number[]>((kept, tick) => {
    const next = kept.at(-1);
    return next === undefined || next - tick >= room ? [...kept, tick] : kept;
  }, []);
  return { domain, ticks: ticks.toReversed(), step: 1 };
}

function rateText(deviate: number): string {
  const rate = namedRates.find((named) => Math.abs(normalDeviate(named) - deviate) < 1e-9);
  return rate === undefined ? '' : shortPercent(rate);
}
