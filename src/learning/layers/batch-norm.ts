import * as tf from '@tensorflow/tfjs';

import {
  normaliseByBatch,
  normaliseByStatistics,
  unbiasedVariance,
} from '../operations/batch-normalisation.js';
import { composite } from './composition.js';
import type { ForwardPass } from './forward-pass.js';
import type { DecayGroup, Layer, LayerDefinition, ParameterSpec, StatisticSpec } from './layer.js';
import type { WeightLayerDefinition } from './weight-layer.js';

export interface BatchNormOptions {
  /** Added to the variance. Default: 1e-5. */
  readonly epsilon?: number;
  /** Whether the scale γ is learnt; else it is 1 and no parameter. Default: true. */
  readonly hasScale?: boolean;
  /** Whether the offset β is learnt; else it is 0 and no parameter. Default: true. */
  readonly hasOffset?: boolean;
  /** Default: `normalisation`. */
  readonly decayGroup?: DecayGroup;
}

/** What a batch adds to the running statistics; the rest is what they were. PyTorch's and MXNet's default. */
const UPDATE_RATE = 0.1;
/** Added to the variance where nothing else is said. */
export const NORM_EPSILON = 1e-5;

interface BatchNorm {
  readonly specs: Pick<Layer, 'parameters' | 'statistics'>;
  readonly normalise: (x: tf.Tensor4D, pass: ForwardPass) => tf.Tensor4D;
  /** The normalisation by running statistics as `factor * x + shift`, both [C]. */
  readonly frozenAffine: (pass: ForwardPass) => { factor: tf.Tensor1D; shift: tf.Tensor1D };
}

/** Batch normalisation (Ioffe & Szegedy, 2015). */
export function batchNorm(options: BatchNormOptions = {}): LayerDefinition {
  return (name, input) => {
    const { specs, normalise } = batchNormOf(name, input.channels, options);
    return { ...composite([], input, normalise), ...specs };
  };
}

/**
 * A layer with weights and the batch normalisation of its output. With frozen statistics the normalisation moves into
 * the weights and one bias: nothing of it is left to do on the feature map.
 */
export function normalised(define: WeightLayerDefinition, options: BatchNormOptions = {}): LayerDefinition {
  return (name, input) => {
    const weighted = define(name, input);
    const norm = batchNormOf(`${name}.norm`, weighted.output.channels, options);
    return {
      ...weighted,
      parameters: [...weighted.parameters, ...norm.specs.parameters],
      statistics: norm.specs.statistics,
      forward: (x, pass) => {
        if (pass.mode.normalisation === 'live') {
          return norm.normalise(weighted.forward(x, pass), pass);
        }
        const { factor, shift } = norm.frozenAffine(pass);
        return tf.add(weighted.forwardScaled(x, pass, factor), shift);
      },
    };
  };
}

function batchNormOf(
  name: string,
  channels: number,
  {
    epsilon = NORM_EPSILON,
    hasScale = true,
    hasOffset = true,
    decayGroup = 'normalisation',
  }: BatchNormOptions,
): BatchNorm {
  const parameter = (part: string, value: number): ParameterSpec => ({
    name: `${name}.${part}`,
    shape: [channels],
    decayGroup,
    initialiser: { distribution: 'constant', value },
  });
  const statistic = (part: string, initialValue: number): StatisticSpec => ({
    name: `${name}.${part}`,
    shape: [channels],
    initialValue,
  });
  const scale = parameter('scale', 1);
  const offset = parameter('offset', 0);
  const mean = statistic('mean', 0);
  const variance = statistic('variance', 1);
  const scaleOf = (pass: ForwardPass): tf.Tensor1D =>
    hasScale ? pass.variable(scale.name) : tf.ones([channels]);
  const offsetOf = (pass: ForwardPass): tf.Tensor1D =>
    hasOffset ? pass.variable(offset.name) : tf.zeros([channels]);
  const runningOf = (pass: ForwardPass) => ({
    mean: pass.variable<tf.Tensor1D>(mean.name),
    variance: pass.variable<tf.Tensor1D>(variance.name),
  });
  return {
    specs: {
      parameters: [...(hasScale ? [scale] : []), ...(hasOffset ? [offset] : [])],
      statistics: [mean, variance],
    },
    normalise: (x, pass) => {
      const [gamma, beta] = [scaleOf(pass), offsetOf(pass)];
      if (pass.mode.normalisation === 'frozen') {
        return normaliseByStatistics(x, gamma, beta, runningOf(pass), epsilon);
      }
      const batch = normaliseByBatch(x, gamma, beta, epsilon, {
        mask: pass.mode.statisticsMask,
        isOfAllProcesses: pass.mode.synchronised,
      });
      updateRunning(pass, mean.name, batch.mean);
      updateRunning(pass, variance.name, unbiasedVariance(batch));
      return batch.normalised;
    },
    frozenAffine: (pass) => {
      const running = runningOf(pass);
      const factor = tf.mul<tf.Tensor1D>(scaleOf(pass), tf.rsqrt(tf.add(running.variance, epsilon)));
      const shift = tf.sub<tf.Tensor1D>(offsetOf(pass), tf.mul(running.mean, factor));
      return { factor, shift };
    },
  };
}

function updateRunning(pass: ForwardPass, name: string, batchStatistic: tf.Tensor): void {
  const kept = tf.mul(pass.variable(name), 1 - UPDATE_RATE);
  pass.updateStatistic(name, tf.add(kept, tf.mul(batchStatistic, UPDATE_RATE)));
}
