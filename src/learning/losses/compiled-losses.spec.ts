import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { evaluate } from '../../../test/compiler/eager-comparison.js';
import { countNodes } from '../../../test/compiler/onnx-inspection.js';
import { compileStep, expectCompiledAsEager, scalarsOf } from '../../../test/support/compiled-face-loss.js';
import { batchOf, stateOf } from '../../../test/support/face-loss-cases.js';
import { EDGE_CASES } from '../../../test/support/face-loss-edge-cases.js';
import { arcFace } from './face/arc-face.js';
import { createFaceLoss, FACE_LOSS_NAMES } from './face-losses.js';
import type { SymFaceOptions } from './sym-face.js';
import { SYMMETRY_TERM_NAMES } from './symmetry-terms.js';

describe('ArcFace compiled to ONNX, with SymFace and for any batch size', () => {
  it.each<SymFaceOptions>([
    ...SYMMETRY_TERM_NAMES.map((compare) => ({ compare })),
    { symmetryWeight: 0 },
    { symmetryWeight: 3 },
    { statistics: 'full-faces' },
  ])('value, gradients and statistics are those of tfjs with %j', async (options) => {
    await expectCompiledAsEager(arcFace(), options);
  });

  it('has statistics of full faces alone where that is asked for', async () => {
    await expectCompiledAsEager(createFaceLoss('adaface'), { statistics: 'full-faces' });
  });

  it('scatters nothing: classes are picked by comparison', async () => {
    const model = await expectCompiledAsEager(arcFace(), {});
    for (const opType of ['ScatterND', 'ScatterElements', 'OneHot', 'Gather', 'Acos']) {
      expect(countNodes(model, opType)).toBe(0);
    }
  });
});

describe.each(FACE_LOSS_NAMES)('%s compiled to ONNX', (name) => {
  it('has finite values, gradients and statistics in every edge case', async () => {
    const faceLoss = createFaceLoss(name);
    const model = compileStep(faceLoss, { dimension: 2, classes: 2, slots: 0 });
    for (const [title, operands] of EDGE_CASES) {
      if (operands.weight[0]!.length !== 2) continue;
      const trained = [
        tf.tensor2d(operands.embeddings.map((row) => [...row])),
        tf.tensor2d(operands.weight.map((row) => [...row])),
      ] as const;
      const { embeddings, weight, labels, sampleMask } = batchOf(operands)(...trained);
      const scalars = scalarsOf(faceLoss, 0);
      const fixed = {
        labels,
        sampleMask,
        rho: tf.tensor1d([]),
        ...stateOf(faceLoss.initialState),
        ...scalars,
      };
      const outputs = await evaluate(model, { embeddings, weight, ...fixed });
      const numbers = Object.values(outputs).flatMap(({ data }) => [...(data as Float32Array)]);
      expect(numbers.every(Number.isFinite), title).toBe(true);
    }
  });
});
