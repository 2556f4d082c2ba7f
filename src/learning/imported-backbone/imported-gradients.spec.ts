import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { compareGradients, GRADIENT_TOLERANCE } from '../../../test/support/backbone-gradients.js';
import { importedNetwork } from '../../../test/support/imported-networks.js';
import { branchedNetwork, convolutionalNetwork } from '../../../test/support/small-networks.js';

describe('the gradients of imported networks, compiled', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each([
    ['convolutions and norms', convolutionalNetwork, 'frozen'],
    ['convolutions and norms', convolutionalNetwork, 'live'],
    ['branches and attention', branchedNetwork, 'frozen'],
  ] as const)('of %s are those of tfjs (%#)', async (_, network, normalisation) => {
    const { backbone, weights } = importedNetwork(network());
    const agreement = await compareGradients(backbone, 4, normalisation, weights);
    expect(agreement.arrays).toBe(
      backbone.parameters.length + (normalisation === 'live' ? backbone.statistics.length : 0),
    );
    const tolerance = GRADIENT_TOLERANCE[normalisation];
    expect(agreement.loss, JSON.stringify(agreement)).toBeLessThan(tolerance);
    expect(agreement.gradient, JSON.stringify(agreement)).toBeLessThan(tolerance);
    expect(agreement.statistic, JSON.stringify(agreement)).toBeLessThan(tolerance);
  });
});
