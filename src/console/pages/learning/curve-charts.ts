import type { Chart } from '../../../figures/charts/chart.js';
import { lineChart, type LineSeries } from '../../../figures/charts/line-chart.js';
import type {
  HeldOutPoint,
  TrainingCurve,
  TrainingCurvePoint,
} from '../../generated/symface/v1/training_pb.js';
import { falseMatchRateText } from '../../../core/protocols/figure-text.js';

const steps = { label: 'step', format: 'number' } as const;

/** The charts of a training so far; those that have nothing to show are left out. */
export function curveCharts({ points, heldOut }: TrainingCurve): readonly Chart[] {
  return [
    ...(points.length === 0 ? [] : [lossChart(points), rateChart(points)]),
    ...(heldOut.length === 0 ? [] : [acceptChart(heldOut), errorChart(heldOut)]),
  ];
}

type LossName = 'loss' | 'faceLoss' | 'symmetryLoss' | 'distillationLoss';

/** A term that is 0 throughout is not part of the training. */
function lossChart(points: readonly TrainingCurvePoint[]): Chart {
  const series = (name: string, of: LossName): LineSeries => ({
    name,
    points: points.map((point) => ({ x: point.step, y: point[of] })),
  });
  const all = [
    series('total', 'loss'),
    series('face', 'faceLoss'),
    series('symmetry', 'symmetryLoss'),
    series('distance to the parent, unweighted', 'distillationLoss'),
  ];
  return lineChart({
    title: 'Losses',
    x: steps,
    y: { label: 'loss', format: 'number' },
    series: all.filter((one) => one.points.some(({ y }) => y !== 0)),
  });
}

function rateChart(points: readonly TrainingCurvePoint[]): Chart {
  const rates = points.map(({ step, learningRate }) => ({ x: step, y: learningRate }));
  return lineChart({
    title: 'Learning rate',
    x: steps,
    y: { label: 'learning rate', format: 'number' },
    series: [{ name: 'learning rate', points: rates }],
  });
}

/** A curve for each false match rate that the pairs held out support. */
function acceptChart(heldOut: readonly HeldOutPoint[]): Chart {
  const rates = new Set(
    heldOut.flatMap(
      ({ figures }) => figures?.trueAcceptRates.map(({ falseMatchRate }) => falseMatchRate) ?? [],
    ),
  );
  return lineChart({
    title: 'True accept rate of identities held out',
    x: steps,
    y: { label: 'true accept rate', format: 'percent' },
    series: [...rates].map((rate) => ({
      name: `at a false match rate of ${falseMatchRateText(rate)}`,
      points: heldOut.flatMap(({ step, figures }) => {
        const at = figures?.trueAcceptRates.find(({ falseMatchRate }) => falseMatchRate === rate);
        return at === undefined ? [] : [{ x: step, y: at.trueAcceptRate }];
      }),
    })),
  });
}

function errorChart(heldOut: readonly HeldOutPoint[]): Chart {
  const points = heldOut.map(({ step, figures }) => ({ x: step, y: figures?.equalErrorRate ?? Number.NaN }));
  return lineChart({
    title: 'Equal error rate of identities held out',
    x: steps,
    y: { label: 'equal error rate', format: 'percent' },
    series: [{ name: 'equal error rate', points }],
  });
}
