import { normalised } from '../../layers/batch-norm.js';
import { linear } from '../../layers/linear.js';
import type { BackboneArchitecture } from '../backbone.js';
import {
  IMPROVED_DEPTHS,
  improvedDroppedShape,
  improvedResidualNetwork,
} from '../improved-residual-network.js';

/**
 * ResNet with improved residual units and the BN-Dropout-FC-BN end of ArcFace (Deng et al., 2019, arXiv 1801.07698,
 * section 3.2.2, its setting E), as InsightFace defines it: `recognition/arcface_torch/backbones/iresnet.py`.
 * Dropout is the paper's 0.4 where the caller passes a mask; without one there is none, which is iresnet's default.
 */
export const improvedResNet: readonly BackboneArchitecture[] = IMPROVED_DEPTHS.map((depth) => ({
  name: `ir-${depth}`,
  source: 'Deng et al. 2019, arXiv 1801.07698; InsightFace iresnet.py',
  defaultEmbeddingSize: 512,
  dropoutRate: 0.4,
  droppedShape: improvedDroppedShape,
  network: (embeddingSize) =>
    improvedResidualNetwork(depth, {
      // InsightFace's, in place of one that depends on the layer's width.
      initialiser: { distribution: 'normal', standardDeviation: 0.1 },
      // γ of the embedding's normalisation is fixed at 1: a learnt length of each feature would undo the loss's scale.
      embedding: normalised(linear(embeddingSize), { hasScale: false }),
    }),
}));
