import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss, type FaceLossCase } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import {
  cosineLoss,
  dot,
  type Float64Reference,
  mean,
  real,
  type Rows,
  softplus,
} from '../../../../test/support/float64-losses.js';
import { uniTsFace } from './uni-ts-face.js';

describe('uniTsFace', () => {
  // Two samples of class 0 and one of class 1, with cosines 0.96 between the first two and 0.8 and 0.6 to the third; to W's
  // columns (0.6, 0.8), (0.8, 0.6) and (0, 1).
  const operands: FaceLossCase = {
    embeddings: [
      [3, 4],
      [4, 3],
      [0, 7],
    ],
    weight: [
      [2, 0],
      [0, 5],
    ],
    labels: [0, 0, 1],
  };
  const options = { scale: 2, marginCosine: 0, sampleMarginCosine: 0.1 };

  it('adds the losses of pairs of samples to those of samples and classes', () => {
    // Classes: (log(1 + e^0.4) + log(1 + e^-0.4) + log(1 + e^-2)) / 3 = 0.5176528.
    // b = 1. One person, twice: log(1 + e^-(2 (0.96 - 0.1) - 1)) = 0.3965940; two people: log(1 + e^(1.6 - 1)) = 1.0374879
    // and log(1 + e^(1.2 - 1)) = 0.7981389, each twice. Their sum by 3 is 1.4881472.
    const { loss, state } = evaluateFaceLoss(uniTsFace(options), { ...operands, state: { firstBias: 1 } });
    expect(loss).toBeCloseTo(0.5176528 + 1.4881472, 5);
    expect(state).toEqual({ firstBias: 1 });
  });

  it('finds its first threshold in the batch', () => {
    // (1.6 + 1.2 + log(e^1.6 + e^1.2)) / 3 = 1.6376717.
    const { state } = evaluateFaceLoss(uniTsFace(options), operands);
    expect(state['firstBias']).toBeCloseTo(1.6376717, 6);
    // Again where training took it below 0, so that b is as much.
    const fallen = { ...operands, state: { firstBias: 1 }, scalars: { bias: -1.25 } };
    expect(evaluateFaceLoss(uniTsFace(options), fallen).state['firstBias']).toBeCloseTo(2.8876717, 6);
    const alone = { ...operands, embeddings: operands.embeddings.slice(0, 2), labels: [0, 0] };
    expect(evaluateFaceLoss(uniTsFace(options), alone).state).toEqual({ firstBias: 0 });
  });

  it('has no pair of a sample and padding', () => {
    const padded = { ...operands, sampleMask: [1, 1, 0], state: { firstBias: 1 } };
    // (0.9130153 + 0.5130153) / 2 of the classes, and 0.3965940 for each of the two samples.
    expect(evaluateFaceLoss(uniTsFace(options), padded).loss).toBeCloseTo(0.7130153 + 0.396594, 5);
  });
});

const inDoubles: Float64Reference = (operands, { scale, marginCosine, sampleMarginCosine }) => {
  const { labels, sampleMask = labels.map(() => 1) } = operands;
  const cosine = (a: readonly number[], b: readonly number[]) =>
    dot(a, b) / (Math.hypot(...a) * Math.hypot(...b));
  const memory = operands.embeddings;
  const isOther = (row: number, column: number) => sampleMask[column] === 1 && labels[row] !== labels[column];
  const isSame = (row: number, column: number) =>
    sampleMask[column] === 1 && row !== column && labels[row] === labels[column];
  const { bias: given = 0 } = operands.scalars ?? {};
  const sums = memory.map((embedding, row) =>
    memory.reduce(
      (sum, other, column) => sum + (isOther(row, column) ? Math.exp(scale! * cosine(embedding, other)) : 0),
      0,
    ),
  );
  const known = real(operands, sums).filter((sum) => sum > 0);
  const isFound = operands.state!['firstBias']! + given <= 0 && known.length > 0;
  const firstBias = isFound ? mean(known.map(Math.log)) - given : operands.state!['firstBias']!;
  const toClasses = cosineLoss(operands, scale!, (own) => own - marginCosine!);
  return (embeddings: Rows, weight: Rows, scalars) => {
    const b = firstBias + (scalars['bias'] ?? 0);
    const losses = embeddings.map((embedding, row) =>
      memory.reduce((sum, other, column) => {
        const similarity = scale! * cosine(embedding, other);
        if (isSame(row, column)) return sum + softplus(b - similarity + scale! * sampleMarginCosine!);
        return isOther(row, column) ? sum + softplus(similarity - b) : sum;
      }, 0),
    );
    return toClasses(embeddings, weight, scalars) + mean(real(operands, losses));
  };
};

/** A cosine of each class and of each other sample. */
const SLOPE = 4;

describeFaceLoss(
  uniTsFace,
  inDoubles,
  [
    {},
    { hyperparameters: { scale: 16, marginCosine: 0.2 }, state: { firstBias: 5 }, scalars: { bias: -1.5 } },
    { state: { firstBias: 20 }, scalars: { bias: -30 } },
  ],
  SLOPE,
);
