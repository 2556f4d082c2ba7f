import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  expectSameAsRuntime,
  tensorOf,
  type OperatorCase,
} from '../../../../test/support/operator-agreement.js';
import { Failure } from '../../../core/failure.js';

const pair = (minimum: number, maximum: number): fc.Arbitrary<[number, number]> => {
  const number = fc.integer({ min: minimum, max: maximum });
  return fc.tuple(number, number);
};

const explicit = fc.record({
  pads: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
});
const padding = fc.oneof(
  explicit,
  fc.record({ auto_pad: fc.constantFrom('SAME_UPPER', 'SAME_LOWER', 'VALID') }),
);

/** Groups with their channels: one, as many as channels, and between. */
const grouping = fc.record({
  group: fc.integer({ min: 1, max: 3 }),
  groupChannels: fc.integer({ min: 1, max: 3 }),
  groupFilters: fc.integer({ min: 1, max: 3 }),
});

function anyConvolution({ isDilated }: { readonly isDilated: boolean }): fc.Arbitrary<OperatorCase> {
  const geometry = fc.record({
    ...{
      batch: fc.integer({ min: 1, max: 2 }),
      extents: pair(5, 9),
      kernel: pair(1, 3),
      strides: pair(1, 3),
    },
    // ONNX Runtime finds no padding itself where windows are dilated.
    padding: isDilated ? explicit : padding,
    ...{ dilations: isDilated ? pair(1, 2) : fc.constant([1, 1]), grouping, hasBias: fc.boolean() },
  });
  return geometry.chain(
    ({ batch, extents, kernel, strides, dilations, padding: pads, grouping: groups, hasBias }) => {
      const { group, groupChannels, groupFilters } = groups;
      const filters = group * groupFilters;
      return fc
        .tuple(
          tensorOf([batch, group * groupChannels, ...extents]),
          tensorOf([filters, groupChannels, ...kernel]),
          tensorOf([filters]),
        )
        .map(([x, filter, bias]) => ({
          operator: 'Conv',
          inputs: hasBias ? [x, filter, bias] : [x, filter],
          attributes: { group, strides, kernel_shape: kernel, dilations, ...pads },
        }));
    },
  );
}

describe('the rule of Conv', () => {
  it('convolves as ONNX Runtime does: strides, paddings, groups, biases', async () => {
    await fc.assert(fc.asyncProperty(anyConvolution({ isDilated: false }), expectSameAsRuntime), {
      numRuns: 80,
    });
  });

  it('dilates, also with strides', async () => {
    await fc.assert(fc.asyncProperty(anyConvolution({ isDilated: true }), expectSameAsRuntime), {
      numRuns: 40,
    });
  });

  it('refuses what is no convolution of images, naming the node', async () => {
    const x = { shape: [1, 2, 5], values: new Array<number>(10).fill(1) };
    const filter = { shape: [2, 2, 3], values: new Array<number>(12).fill(1) };
    const refused = expectSameAsRuntime({ operator: 'Conv', inputs: [x, filter] });
    await expect(refused).rejects.toThrow(Failure);
    await expect(refused).rejects.toThrow('Conv (node that computes y0) is no convolution of images');
  });
});
