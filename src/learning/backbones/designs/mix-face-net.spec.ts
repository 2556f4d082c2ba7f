import { describe, expect, it } from 'vitest';

import { compareServing, SERVING_TOLERANCE } from '../../../../test/support/backbone-serving.js';
import { firstEmbedding } from '../../../../test/support/first-embedding.js';
import { createBackbone } from '../backbone.js';
import { mixFaceNet } from './mix-face-net.js';

/**
 * Counted by PyTorch from backbones/mixnetm.py of fdbtrs/mixfacenets at ca3ef30. It publishes 1.04 and 3.07 million
 * parameters, and 161.9 and 451.7 million FLOPs: twice these products, and 5 % more for norms and activations.
 */
const COUNTED = {
  'mixfacenet-xs': { parameterCount: 1_040_354, multiplyAdds: 76_561_120, published: [1.04e6, 161.9e6] },
  'mixfacenet-s': { parameterCount: 3_072_598, multiplyAdds: 218_141_424, published: [3.07e6, 451.7e6] },
} as const;

describe.each(mixFaceNet.map((design) => [design.name, design] as const))('%s', (name, design) => {
  it('has the size of its code, and the published one', () => {
    const { published, ...counted } = COUNTED[name as keyof typeof COUNTED];
    const { parameterCount, multiplyAdds } = createBackbone(design);
    expect({ parameterCount, multiplyAdds }).toEqual(counted);
    expect(parameterCount / published[0]).toBeCloseTo(1, 2);
    expect((2 * multiplyAdds) / published[1]).toBeGreaterThan(0.94);
    expect((2 * multiplyAdds) / published[1]).toBeLessThan(1);
  });

  it('computes the same where it is served', async () => {
    const backbone = createBackbone(design, { inputSize: { height: 32, width: 16 }, embeddingSize: 16 });
    expect(await compareServing(backbone, [1, 2])).toBeLessThan(SERVING_TOLERANCE);
  });
});

it('embeds as its code does', () => {
  // What `mixnet_s(embedding_size=512, width_scale=0.5, gdw_size=512, shuffle=False)` of backbones/mixnetm.py gives in PyTorch
  // 2.13 for the same image and weights, copied in order, with the shuffle of its first block switched off; all 512
  // numbers agreed within 8e-7 of 0.99.
  const published = [-0.04973, -0.27995, 0.4028, -0.57518, -0.13897, -0.4697];
  const [smallest] = mixFaceNet.map((design) => createBackbone(design));
  const embedding = firstEmbedding(smallest!, published.length);
  for (const [index, value] of published.entries()) expect(embedding[index]).toBeCloseTo(value, 4);
});
