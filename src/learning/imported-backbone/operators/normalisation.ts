import * as tf from '@tensorflow/tfjs';

import {
  normaliseByBatch,
  normaliseByStatistics,
  unbiasedVariance,
} from '../../operations/batch-normalisation.js';
import { GraphValue } from '../graph-value.js';
import type { OperatorCall, OperatorRules } from '../operator-call.js';

/** The input's positions of the running mean and variance. */
const MEAN = 3;
const VARIANCE = 4;

/** BatchNormalization of [B, C, ...]: by the batch's statistics or the running ones, as the pass's mode says. */
function batchNormalisation(call: OperatorCall): GraphValue {
  const x = call.input(0);
  if (call.integer('training_mode', 0) !== 0) throw call.unsupported('training_mode', 1);
  if (call.integer('spatial', 1) !== 1) throw call.unsupported('spatial', 0);
  const [scale, offset, mean, variance] = [1, 2, MEAN, VARIANCE].map((index) =>
    call.input(index).inOnnxOrder(),
  );
  const [gamma, beta, running] = [scale, offset, { mean, variance }] as [
    tf.Tensor1D,
    tf.Tensor1D,
    { mean: tf.Tensor1D; variance: tf.Tensor1D },
  ];
  const epsilon = call.float('epsilon', 1e-5);
  return channelsAtTheEnd(x, (features) => {
    // Without variables (a normalisation of constants) there is nothing to keep statistics in.
    const { mode } = call.setting.pass;
    const isLive = mode.normalisation === 'live' && call.variableName(MEAN) !== undefined;
    if (!isLive) return normaliseByStatistics(features, gamma, beta, running, epsilon);
    const batch = normaliseByBatch(features, gamma, beta, epsilon, {
      isOfAllProcesses: mode.synchronised,
    });
    updateRunning(call, MEAN, running.mean, batch.mean);
    updateRunning(call, VARIANCE, running.variance, unbiasedVariance(batch));
    return batch.normalised;
  });
}

function updateRunning(call: OperatorCall, input: number, running: tf.Tensor, ofBatch: tf.Tensor): void {
  const name = call.variableName(input);
  if (name === undefined) return;
  // ONNX's momentum is what is kept, where PyTorch's is what is added.
  const kept = call.float('momentum', 0.9);
  call.setting.pass.updateStatistic(name, tf.add(tf.mul(running, kept), tf.mul(ofBatch, 1 - kept)));
}

/** Has the channels as the last axis, where tfjs normalises. */
function channelsAtTheEnd(x: GraphValue, run: (features: tf.Tensor) => tf.Tensor): GraphValue {
  if (x.rank === 4) return GraphValue.channelsLast(run(x.inChannelsLast()));
  if (x.rank === 2) return GraphValue.inOnnxOrder(run(x.stored));
  if (x.rank !== 3) throw new RangeError(`rank ${x.rank} cannot be normalised`);
  return GraphValue.inOnnxOrder(tf.transpose(run(tf.transpose(x.stored, [0, 2, 1])), [0, 2, 1]));
}

/** LpNormalization with p = 2: each vector along an axis divided by its length. */
function lengthNormalisation(call: OperatorCall): GraphValue {
  const p = call.integer('p', 2);
  if (p !== 2) throw call.unsupported('p', p);
  const x = call.input(0);
  const axis = x.storedAxis(call.integer('axis', -1));
  return x.map((stored) => tf.div(stored, tf.sqrt(tf.sum(tf.square(stored), axis, true))));
}

export const NORMALISATION_RULES: OperatorRules = {
  BatchNormalization: batchNormalisation,
  LpNormalization: lengthNormalisation,
};
