import type { Chart } from './chart.js';
import {
  describeCurves,
  type ErrorCurve,
  errorCurveMarks,
  errorCurveTable,
  leastFalseMatchRate,
} from './error-curves.js';
import { framed, horizontalTickCount, verticalTickCount } from './frame.js';
import { legendOf } from './legend.js';
import { linearRange, logRange } from './ticks.js';

/** ROC curves over each other, with the false match rate on a logarithmic axis. */
export function rocChart(curves: readonly ErrorCurve[], title = 'ROC'): Chart {
  const least = leastFalseMatchRate(curves);
  return {
    title,
    description: `True accept rate over false match rate, which is logarithmic. ${describeCurves(curves)}`,
    legend: legendOf(curves.map(({ name }) => name)),
    table: errorCurveTable(curves),
    options: (space) => {
      const { marks, rates } = errorCurveMarks(curves, space, (x, y) =>
        x > 0 && Number.isFinite(y) ? { x, y, rate: y } : undefined,
      );
      const range = linearRange(rates, verticalTickCount, { lowest: 0, highest: 1 });
      const xRange = logRange([least, 1], horizontalTickCount(space));
      return {
        ...framed(
          space,
          {
            axis: { label: 'false match rate', format: 'exponential' },
            range: { ...xRange, domain: [least, 1], ticks: xRange.ticks.filter((tick) => tick >= least) },
            scale: { type: 'log' },
          },
          { axis: { label: 'true accept rate', format: 'percent' }, range },
        ),
        marks: [...marks],
      };
    },
  };
}
