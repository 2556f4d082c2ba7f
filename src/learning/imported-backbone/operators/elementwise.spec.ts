import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { expectSameAsRuntime, scalar, tensorOf } from '../../../../test/support/operator-agreement.js';
import { Failure } from '../../../core/failure.js';

const extent = fc.integer({ min: 1, max: 4 });
const shape = fc.array(extent, { minLength: 1, maxLength: 5 });
const RUNS = { numRuns: 25 };

/** A shape that broadcasts to another: without leading axes, and with ones in place of some extents. */
function broadcastTo(full: readonly number[]): fc.Arbitrary<number[]> {
  const ones = fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length });
  return fc
    .record({ missing: fc.integer({ min: 0, max: full.length }), ones })
    .map(({ missing, ones: isOne }) =>
      full.map((size, axis) => (isOne[axis] === true ? 1 : size)).slice(missing),
    );
}

const broadcasting = shape.chain((full) => fc.tuple(broadcastTo(full), broadcastTo(full), fc.constant(full)));

describe('the rules of elementwise operators', () => {
  it.each(['Add', 'Sub', 'Mul', 'Max', 'Min', 'Sum'])('%s broadcasts as in ONNX', async (operator) => {
    const operands = broadcasting.chain(([a, b]) => fc.tuple(tensorOf(a), tensorOf(b), fc.boolean()));
    await fc.assert(
      fc.asyncProperty(operands, ([a, b, isConstant]) =>
        expectSameAsRuntime({ operator, inputs: [a, { ...b, isConstant }] }),
      ),
      RUNS,
    );
  });

  it.each(['Div', 'Pow'])('%s broadcasts as in ONNX', async (operator) => {
    const operands = broadcasting.chain(([a, b]) =>
      fc.tuple(tensorOf(a, { range: [0.5, 2] }), tensorOf(b, { range: [0.5, 2] })),
    );
    await fc.assert(
      fc.asyncProperty(operands, ([a, b]) => expectSameAsRuntime({ operator, inputs: [a, b] })),
      RUNS,
    );
  });

  it('PRelu takes slopes of each channel, or one for all', async () => {
    const operands = fc
      .tuple(extent, extent, extent, extent, fc.constantFrom('channels', 'one', 'batch'))
      .chain(([batch, channels, height, width, kind]) => {
        const slopes = { channels: [channels, 1, 1], one: [1], batch: [1, channels, 1, 1] }[kind];
        return fc.tuple(tensorOf([batch, channels, height, width]), tensorOf(slopes));
      });
    await fc.assert(
      fc.asyncProperty(operands, (inputs) => expectSameAsRuntime({ operator: 'PRelu', inputs })),
      RUNS,
    );
  });

  it.each([
    ['Abs', {}],
    ['Elu', {}],
    ['Erf', {}],
    ['Exp', {}],
    ['HardSigmoid', {}],
    ['HardSigmoid', { alpha: { float: 0.3 }, beta: { float: 0.4 } }],
    ['HardSwish', {}],
    ['LeakyRelu', {}],
    ['LeakyRelu', { alpha: { float: 0.2 } }],
    ['Neg', {}],
    ['Relu', {}],
    ['Sigmoid', {}],
    ['Softplus', {}],
    ['Tanh', {}],
  ])('%s %o maps each element', async (operator, attributes) => {
    const operand = shape.chain((full) => tensorOf(full, { range: [-5, 5] }));
    await fc.assert(
      fc.asyncProperty(operand, (x) => expectSameAsRuntime({ operator, inputs: [x], attributes })),
      { numRuns: 8 },
    );
  });

  it.each(['Reciprocal', 'Sqrt'])('%s maps each positive element', async (operator) => {
    const operand = shape.chain((full) => tensorOf(full, { range: [0.5, 5] }));
    await fc.assert(
      fc.asyncProperty(operand, (x) => expectSameAsRuntime({ operator, inputs: [x] })),
      { numRuns: 8 },
    );
  });

  it('Clip takes its bounds as inputs or, in older files, attributes; either may be open', async () => {
    const bounds = fc.record({
      low: fc.option(fc.double({ min: -2, max: 0, noNaN: true })),
      high: fc.option(fc.double({ min: 0, max: 2, noNaN: true })),
      isOld: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        shape.chain((full) => tensorOf(full)),
        bounds,
        async (x, { low, high, isOld }) => {
          const attributes = {
            ...(low === null ? {} : { min: { float: low } }),
            ...(high === null ? {} : { max: { float: high } }),
          };
          const inputs = [low, high].map((bound) => (bound === null ? undefined : scalar(bound)));
          await (isOld
            ? expectSameAsRuntime({ operator: 'Clip', inputs: [x], attributes, operatorSet: 10 })
            : expectSameAsRuntime({ operator: 'Clip', inputs: [x, ...inputs] }));
        },
      ),
      RUNS,
    );
  });

  it('names the operator and attribute that are not covered', async () => {
    const refused = expectSameAsRuntime({
      operator: 'Elu',
      inputs: [{ shape: [1], values: [1] }],
      attributes: { alpha: { float: 0.5 } },
    });
    await expect(refused).rejects.toThrow(Failure);
    await expect(refused).rejects.toThrow('Elu (node that computes y0) cannot be trained with alpha = 0.5');
  });
});
