import { describe, expect, it } from 'vitest';

import { createBackbone } from '../../src/learning/backbones/backbone.js';
import { compareServing, SERVING_TOLERANCE } from '../support/backbone-serving.js';
import { plainNet } from './plain-net.js';

describe('the plain network', () => {
  it('has the parameters that its layers say', () => {
    // Convolutions 9 (3·32 + 32·64 + 64·128 + 128·256), scales and offsets 2 (32 + … + 256), slopes 32 + … + 256;
    // 7·7·256 + 2·256 of the global one; 256·128 + 128 of the matrix, and 2·128.
    const { parameterCount } = createBackbone(plainNet);
    expect(parameterCount).toBe(9 * 43_104 + 3 * 480 + 49 * 256 + 512 + 32_768 + 3 * 128);
  });

  it('computes the same where it is served', async () => {
    const backbone = createBackbone(plainNet, { inputSize: { height: 32, width: 32 } });
    expect(await compareServing(backbone, [1, 3])).toBeLessThan(SERVING_TOLERANCE);
  });
});
