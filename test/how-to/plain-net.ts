import type { BackboneArchitecture } from '../../src/learning/backbones/backbone.js';
import { normalised } from '../../src/learning/layers/batch-norm.js';
import { sequence } from '../../src/learning/layers/composition.js';
import { convolution } from '../../src/learning/layers/convolution.js';
import type { LayerDefinition } from '../../src/learning/layers/layer.js';
import { linear } from '../../src/learning/layers/linear.js';
import { numbered } from '../../src/learning/layers/numbered.js';
import { prelu } from '../../src/learning/layers/prelu.js';

/** Four convolutions that each halve the resolution, and a matrix. */
export const plainNet: BackboneArchitecture = {
  name: 'plain-net',
  source: 'docs/how-to/add-a-backbone.md',
  defaultEmbeddingSize: 128,
  network: (embeddingSize) =>
    sequence({
      ...numbered('stage', [32, 64, 128, 256].map(stage)),
      global: normalised(convolution({ channels: 256, kernel: 'global', groups: 'depthwise' })),
      embedding: normalised(linear(embeddingSize)),
    }),
};

function stage(channels: number): LayerDefinition {
  return sequence({
    convolution: normalised(convolution({ channels, kernel: 3, stride: 2 })),
    activation: prelu,
  });
}
