import fc from 'fast-check';
import { describe, it } from 'vitest';

import { expectSameAsRuntime, tensorOf } from '../../../../test/support/operator-agreement.js';

const extent = fc.integer({ min: 1, max: 5 });

describe('the rules of normalisations', () => {
  it('BatchNormalization uses the running statistics where they are frozen', async () => {
    const normalised = fc
      .tuple(fc.array(extent, { minLength: 2, maxLength: 4 }), fc.constantFrom(1e-5, 1e-3))
      .chain(([shape, epsilon]) => {
        const channels = [shape[1]!];
        return fc.record({
          inputs: fc.tuple(
            ...[tensorOf(shape), tensorOf(channels), tensorOf(channels), tensorOf(channels)],
            tensorOf(channels, { range: [0.2, 3] }),
          ),
          attributes: fc.constant({ epsilon: { float: epsilon } }),
        });
      });
    await fc.assert(
      fc.asyncProperty(normalised, (operands) =>
        expectSameAsRuntime({ operator: 'BatchNormalization', ...operands }),
      ),
      { numRuns: 40 },
    );
  });

  it('LpNormalization divides by the length along any axis', async () => {
    const normalised = fc.array(extent, { minLength: 1, maxLength: 4 }).chain((shape) =>
      fc.record({
        x: tensorOf(shape, { range: [0.5, 2] }),
        axis: fc.integer({ min: -shape.length, max: shape.length - 1 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(normalised, ({ x, axis }) =>
        expectSameAsRuntime({ operator: 'LpNormalization', inputs: [x], attributes: { axis, p: 2 } }),
      ),
      { numRuns: 20 },
    );
  });
});
