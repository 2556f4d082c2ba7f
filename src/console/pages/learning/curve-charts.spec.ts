import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { TrainingCurveSchema } from '../../generated/symface/v1/training_pb.js';
import { curveCharts } from './curve-charts.js';

const curve = create(TrainingCurveSchema, {
  points: [
    { step: 1, learningRate: 1e-3, loss: 3, faceLoss: 2, symmetryLoss: 0, distillationLoss: 0.2 },
    { step: 2, learningRate: 9e-4, loss: 2, faceLoss: 1, symmetryLoss: 0, distillationLoss: 0.2 },
  ],
  heldOut: [
    {
      step: 0,
      figures: { equalErrorRate: 0.1, trueAcceptRates: [{ falseMatchRate: 0.01, trueAcceptRate: 0.8 }] },
    },
    {
      step: 2,
      figures: { equalErrorRate: 0.05, trueAcceptRates: [{ falseMatchRate: 0.01, trueAcceptRate: 0.9 }] },
    },
  ],
});

describe('curveCharts', () => {
  it('draws nothing before there is anything', () => {
    expect(curveCharts(create(TrainingCurveSchema))).toEqual([]);
  });

  it('draws losses, the learning rate, and how identities held out are told apart', () => {
    const charts = curveCharts(curve);
    expect(charts.map(({ title }) => title)).toEqual([
      'Losses',
      'Learning rate',
      'True accept rate of identities held out',
      'Equal error rate of identities held out',
    ]);
    expect(JSON.stringify(charts[2]?.table)).toContain('0.9');
  });

  it('leaves out a term that is 0 throughout', () => {
    const names = curveCharts(curve)[0]?.legend.map(({ name }) => name);
    expect(names).toEqual(['total', 'face', 'distance to the parent, unweighted']);
  });
});
