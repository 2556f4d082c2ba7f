import { describe, expect, it } from 'vitest';
import type { Weights } from '../../models/weights.js';
import { cropDescriptionLength } from './crop-description.js';
import { FaceQualityNetwork } from './face-quality-network.js';

const grey = { width: 112, height: 112, pixels: new Uint8Array(112 * 112 * 3).fill(51) };

/** Two hidden units: the first is the red of the first cell, the second never speaks. */
function weights(outputs = 7): Weights {
  const hidden = new Float32Array(cropDescriptionLength * 2);
  hidden[3 * 2] = 10;
  const output = new Float32Array(2 * outputs);
  // mouth, nose, eyes, detail, utility, two numbers of the appearance; the first unit is 10 * 0.2 = 2 for grey.
  output.set([1, -1, 0, 0.5, 2, 0.25, -0.5].slice(0, outputs));
  output.fill(1000, outputs);
  return new Map([
    ['hidden.weights', { shape: [cropDescriptionLength, 2], values: hidden }],
    ['hidden.bias', { shape: [2], values: Float32Array.of(0, -1) }],
    ['output.weights', { shape: [2, outputs], values: output }],
    ['output.bias', { shape: [outputs], values: new Float32Array(outputs) }],
  ]);
}

const logistic = (value: number): number => 1 / (1 + Math.exp(-value));

describe('FaceQualityNetwork', () => {
  it('computes what is computed by hand; units below zero say nothing', () => {
    const { utility, occlusion, detailPixels, appearance } = new FaceQualityNetwork(weights()).assess(grey);
    expect(utility).toBeCloseTo(100 * logistic(4), 4);
    expect(occlusion.mouth).toBeCloseTo(logistic(2), 5);
    expect(occlusion.nose).toBeCloseTo(logistic(-2), 5);
    expect(occlusion.eyes).toBe(0.5);
    expect(detailPixels).toBeCloseTo(64, 4);
    expect(appearance.map((value) => Math.round(1e4 * value) / 1e4)).toEqual([0.5, -1]);
  });

  it('refuses weights that do not fit', () => {
    const missing = new Map([...weights()].filter(([name]) => name !== 'output.bias'));
    expect(() => new FaceQualityNetwork(missing)).toThrow(/output\.bias/u);
    expect(() => new FaceQualityNetwork(weights(5))).toThrow(/few outputs/u);
    const turned = new Map(weights()).set('hidden.weights', {
      shape: [2, cropDescriptionLength],
      values: new Float32Array(2 * cropDescriptionLength),
    });
    expect(() => new FaceQualityNetwork(turned)).toThrow(/hidden\.weights is \[2, 539\]/u);
  });
});
