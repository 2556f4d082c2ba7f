import { expect, it } from 'vitest';

import { tensorOf, type Tensor } from '../../onnx/tensor.js';
import { evaluable, evaluableType } from './evaluable-tensor.js';

const tensor = (elementType: Tensor['elementType'], elements: Tensor['elements']): Tensor => ({
  elementType,
  dims: [2],
  elements,
});

it.each([
  ['float', tensor('float32', Float32Array.of(1.5, -2)), 'float32', [1.5, -2]],
  ['double', tensor('float64', Float64Array.of(1.5, -2)), 'float32', [1.5, -2]],
  ['half', tensor('float16', Uint16Array.of(0x3c00, 0xc000)), 'float32', [1, -2]],
  ['int32', tensor('int32', Int32Array.of(7, -2)), 'int32', [7, -2]],
  ['int64', tensor('int64', BigInt64Array.of(2n ** 63n - 1n, -2n)), 'int32', [2 ** 31 - 1, -2]],
  ['the least int64', tensor('int64', BigInt64Array.of(-(2n ** 63n), 7n)), 'int32', [-(2 ** 31), 7]],
  ['uint32', tensor('uint32', Uint32Array.of(2 ** 32 - 1, 0)), 'int32', [2 ** 31 - 1, 0]],
  ['uint8', tensor('uint8', Uint8Array.of(255, 0)), 'int32', [255, 0]],
  ['int8', tensor('int8', Int8Array.of(127, -128)), 'int32', [127, -128]],
  ['bool', tensor('bool', Uint8Array.of(1, 0)), 'bool', [1, 0]],
  ['bool of other numbers', tensor('bool', Uint8Array.of(255, 0)), 'bool', [1, 0]],
] as const)('%s is evaluated as tfjs can', (_, given, elementType, elements) => {
  const found = evaluable(given);
  expect({ ...found, elements: [...found.elements] }).toEqual({ dims: [2], elementType, elements });
});

it('numbers that need no change are not copied', () => {
  for (const given of [tensorOf([1.5], [1], 'float32'), tensorOf([7], [1], 'int32')])
    expect(evaluable(given).elements).toBe(given.elements);
});

it('casts are only to types that tfjs has', () => {
  expect([1, 10, 11].map(evaluableType)).toEqual(['float32', 'float32', 'float32']);
  expect([6, 7, 9].map(evaluableType)).toEqual(['int32', 'int32', 'bool']);
  expect([0, 2, 3, 8, 16].map(evaluableType)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
