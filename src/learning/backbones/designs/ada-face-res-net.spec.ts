import { describe, expect, it } from 'vitest';

import { compareServing, SERVING_TOLERANCE } from '../../../../test/support/backbone-serving.js';
import { type BackboneArchitecture, createBackbone } from '../backbone.js';
import { adaFaceResNet } from './ada-face-res-net.js';

const named = (name: string): BackboneArchitecture => adaFaceResNet.find((design) => design.name === name)!;

describe("AdaFace's ResNets", () => {
  it.each([
    // Counted by PyTorch from net.py of mk-minchul/AdaFace at c60eaa7: IR_18, IR_34, IR_50 and IR_101.
    ['adaface-ir-18', 24_020_352],
    ['adaface-ir-34', 34_134_080],
    ['adaface-ir-50', 43_585_600],
    ['adaface-ir-101', 65_150_912],
  ])('%s has exactly the parameters of their code', (name, count) => {
    expect(createBackbone(named(name)).parameterCount).toBe(count);
  });

  it('begins with what He et al. draw, and no bias', () => {
    const { parameters, dropoutRate } = createBackbone(named('adaface-ir-18'));
    const initialiserOf = (name: string) => parameters.find((spec) => spec.name === name)!.initialiser;
    const normal = (variance: number) => ({ distribution: 'normal', standardDeviation: Math.sqrt(variance) });
    expect(initialiserOf('unit8.path.second.filter')).toEqual(normal(2 / (9 * 512)));
    expect(initialiserOf('embedding.weights')).toEqual(normal(2 / 512));
    expect(initialiserOf('embedding.bias')).toEqual({ distribution: 'constant', value: 0 });
    expect(dropoutRate).toBe(0.4);
  });

  it('computes the same where it is served', async () => {
    const backbone = createBackbone(named('adaface-ir-18'), {
      inputSize: { height: 32, width: 16 },
      embeddingSize: 16,
    });
    expect(await compareServing(backbone, [1, 2])).toBeLessThan(SERVING_TOLERANCE);
  });
});
