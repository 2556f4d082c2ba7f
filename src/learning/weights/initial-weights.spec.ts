import { describe, expect, it } from 'vitest';

import * as tf from '@tensorflow/tfjs';

import type { Weights } from '../../core/models/weights.js';
import { createBackbone } from '../backbones/backbone.js';
import { backboneArchitecture } from '../backbones/catalogue.js';
import { backboneVariables, backboneWeights } from './backbone-variables.js';
import { initialWeights } from './initial-weights.js';

const backbone = createBackbone(backboneArchitecture('mobilefacenet'), {
  inputSize: { height: 16, width: 16 },
});

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/** `toEqual` would take seconds for a million numbers. */
function expectSame(actual: Weights, expected: Weights): void {
  const shapesOf = (weights: Weights) => [...weights].map(([name, { shape }]) => [name, shape]);
  const bytesOf = (weights: Weights) =>
    Buffer.concat([...weights.values()].map(({ values }) => Buffer.from(values.buffer)));
  expect(shapesOf(actual)).toEqual(shapesOf(expected));
  expect(bytesOf(actual).equals(bytesOf(expected))).toBe(true);
}

describe('initialWeights', () => {
  it('repeats itself for a seed, and only for that', () => {
    const [first, again, other] = [5, 5, 6].map((seed) => initialWeights(backbone, seed));
    expectSame(again!, first!);
    expect(other!.get('widen.convolution.filter')).not.toEqual(first!.get('widen.convolution.filter'));
  });

  it('leaves other arrays as they were when the embedding grows', () => {
    const larger = createBackbone(backboneArchitecture('mobilefacenet'), {
      inputSize: { height: 16, width: 16 },
      embeddingSize: 256,
    });
    const name = 'block3.path.expand.convolution.filter';
    expect(initialWeights(larger, 1).get(name)).toEqual(initialWeights(backbone, 1).get(name));
  });

  it('draws filters by He et al.: variance 2 / fan out', () => {
    const { mean, deviation } = moments(initialWeights(backbone, 1).get('widen.convolution.filter')!.values);
    expect(Math.abs(mean)).toBeLessThan(1e-3);
    expect(deviation).toBeCloseTo(Math.sqrt(2 / 512), 3);
  });

  it("draws the improved ResNets' filters and matrix as InsightFace and PyTorch do", () => {
    const resnet = createBackbone(backboneArchitecture('ir-18'), { inputSize: { height: 16, width: 16 } });
    const weights = initialWeights(resnet, 1);
    expect(moments(weights.get('unit8.path.second.filter')!.values).deviation).toBeCloseTo(0.1, 3);
    const limit = 1 / Math.sqrt(512);
    const matrix = weights.get('embedding.weights')!.values;
    expect(Math.max(...matrix.subarray(0, 10_000))).toBeLessThanOrEqual(limit);
    expect(moments(matrix).deviation).toBeCloseTo(limit / Math.sqrt(3), 3);
  });

  it('draws columns of length 1', () => {
    const shape = [40, 3];
    const initialiser = { distribution: 'unit-columns' } as const;
    const parameters = [{ name: 'head', shape, initialiser, decayGroup: 'head' as const }];
    const { values } = initialWeights({ parameters, statistics: [] }, 1).get('head')!;
    for (const column of [0, 1, 2])
      expect(Math.hypot(...values.filter((_, index) => index % 3 === column))).toBeCloseTo(1, 6);
    expect(Math.abs(moments(values).mean)).toBeLessThan(0.03);
    expect(moments(values).deviation).toBeCloseTo(1 / Math.sqrt(40), 2);
  });

  it('normalises by nothing yet: scale 1, offset 0, mean 0, variance 1; slopes are 1/4', () => {
    const weights = initialWeights(backbone, 1);
    const firstOf = (name: string) => weights.get(name)!.values[0];
    const norm = 'stem.convolution.norm';
    expect(['scale', 'offset', 'mean', 'variance'].map((part) => firstOf(`${norm}.${part}`))).toEqual([
      1, 0, 0, 1,
    ]);
    expect(firstOf('stem.activation.slopes')).toBe(0.25);
  });

  it('survives the way to tensors and back', () => {
    const weights = initialWeights(backbone, 1);
    const variables = backboneVariables(backbone, weights);
    expectSame(backboneWeights(backbone, variables), weights);
    tf.dispose(variables);
  });
});
