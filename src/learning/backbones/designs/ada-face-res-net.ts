import { normalised } from '../../layers/batch-norm.js';
import { linear } from '../../layers/linear.js';
import { subsample } from '../../layers/subsample.js';
import type { BackboneArchitecture } from '../backbone.js';
import {
  IMPROVED_DEPTHS,
  improvedDroppedShape,
  improvedResidualNetwork,
} from '../improved-residual-network.js';

/**
 * The improved ResNet of AdaFace's authors (mk-minchul/AdaFace, `net.py`, modes `ir`). It differs from InsightFace's in the
 * shortcut of the first unit, which picks every second pixel where InsightFace's has a convolution; in the last norm,
 * which has neither scale nor offset; and in what weights begin with, He et al.'s also in the matrix. They train it with a
 * dropout of 0.4, and call the deepest 101.
 */
export const adaFaceResNet: readonly BackboneArchitecture[] = IMPROVED_DEPTHS.map((depth) => ({
  name: `adaface-ir-${depth === 100 ? 101 : depth}`,
  source: 'Kim et al. 2022, arXiv 2204.00964; mk-minchul/AdaFace net.py',
  defaultEmbeddingSize: 512,
  dropoutRate: 0.4,
  droppedShape: improvedDroppedShape,
  network: (embeddingSize) =>
    improvedResidualNetwork(depth, {
      subsample,
      embedding: normalised(
        linear(embeddingSize, { distribution: 'normal', standardDeviation: Math.sqrt(2 / embeddingSize) }),
        { hasScale: false, hasOffset: false },
      ),
    }),
}));
