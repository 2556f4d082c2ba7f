import { describe, expect, it } from 'vitest';

import { compareServing, SERVING_TOLERANCE } from '../../../../test/support/backbone-serving.js';
import { firstEmbedding } from '../../../../test/support/first-embedding.js';
import { createBackbone } from '../backbone.js';
import { ghostFaceNet } from './ghost-face-net.js';

const [full, half] = ghostFaceNet.map((design) => createBackbone(design));

describe('GhostFaceNetV1', () => {
  it('has the parameters that Keras counts, with the running statistics', () => {
    // Summed up layer by layer from backbones/ghost_model.py and GhostFaceNets.py of HamadYA/GhostFaceNets at 513b9f5, width
    // 1.3, PReLU for ReLU, as their training scripts make the networks.
    const counted = [full!, half!].map(
      ({ parameterCount, statistics }) =>
        parameterCount + statistics.reduce((sum, { shape }) => sum + shape[0]!, 0),
    );
    expect(counted).toEqual([4_088_812, 4_066_388]);
  });

  it('has the published cost', () => {
    // "Approximately 60" million for the smallest network, says the paper, and tables of others 4.1 million parameters and 216
    // million for the stride of 1: TensorFlow's count, which has norms, activations and sums too.
    expect(half!.multiplyAdds).toBe(59_316_222);
    expect(full!.multiplyAdds).toBe(211_909_644);
    for (const share of [half!.multiplyAdds / 60e6, full!.multiplyAdds / 216e6]) {
      expect(share).toBeGreaterThan(0.98);
      expect(share).toBeLessThan(1);
    }
  });

  it('embeds as its code does', () => {
    // What a transcription of backbones/ghost_model.py gives in PyTorch 2.13 for the same image and weights, with zeros on both
    // sides of feature maps; all 512 numbers agreed within 1e-5 of 9.4. Keras itself was not at hand.
    const transcribed = [-1.2829, -4.7199, 1.1125, -1.1912, -1.7261, -2.5373];
    const embedding = firstEmbedding(half!, transcribed.length);
    for (const [index, value] of transcribed.entries()) expect(embedding[index]).toBeCloseTo(value, 3);
  });

  it.each(ghostFaceNet.map((design) => [design.name, design] as const))(
    '%s computes the same where it is served',
    async (_, design) => {
      const backbone = createBackbone(design, { inputSize: { height: 32, width: 16 }, embeddingSize: 16 });
      expect(await compareServing(backbone, [1, 2])).toBeLessThan(SERVING_TOLERANCE);
    },
  );
});
