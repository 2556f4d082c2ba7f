import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { importedNetwork } from '../../test/support/imported-networks.js';
import { backboneWithExternalWeights } from '../../test/support/onnx-files.js';
import {
  bytesField,
  doubleField,
  floatField,
  messageField,
  packedField,
  varintField,
} from '../../test/support/protobuf-fields.js';
import { branchedNetwork, convolutionalNetwork } from '../../test/support/small-networks.js';
import { tinyBackbone } from '../../test/support/tiny-models.js';
import { Failure } from '../core/failure.js';
import { readOnnx } from './read-onnx.js';

const [GRAPH, OPERATOR_SET, INITIALIZER] = [7, 8, 5];
const EMPTY = new Uint8Array();

/** A model whose graph holds these fields. */
function modelOf(...fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([messageField(OPERATOR_SET, varintField(2, 17)), messageField(GRAPH, ...fields)]);
}

/** A model with the initialiser `w`. */
function tensor(dataType: number, dims: readonly number[], ...data: readonly Uint8Array[]): Uint8Array {
  const shape = dims.map((extent) => varintField(1, extent));
  return modelOf(messageField(INITIALIZER, ...shape, varintField(2, dataType), bytesField(8, 'w'), ...data));
}

const raw = (array: NodeJS.ArrayBufferView): Uint8Array => bytesField(9, array);

describe('readOnnx', () => {
  it.each([
    ['float, raw', 1, raw(Float32Array.of(1.5, -2)), 'float32', Float32Array.of(1.5, -2)],
    ['float, listed', 1, bytesField(4, Float32Array.of(1.5, -2)), 'float32', Float32Array.of(1.5, -2)],
    ['double, raw', 11, raw(Float64Array.of(1.5, -2)), 'float64', Float64Array.of(1.5, -2)],
    ['double, listed', 11, bytesField(10, Float64Array.of(1.5, -2)), 'float64', Float64Array.of(1.5, -2)],
    ['half, raw', 10, raw(Uint16Array.of(0x3c00, 0xc000)), 'float16', Uint16Array.of(0x3c00, 0xc000)],
    ['half, listed', 10, packedField(5, 0x3c00, 0xc000), 'float16', Uint16Array.of(0x3c00, 0xc000)],
    ['int32, raw', 6, raw(Int32Array.of(7, -2)), 'int32', Int32Array.of(7, -2)],
    ['int32, listed', 6, packedField(5, 7, -2), 'int32', Int32Array.of(7, -2)],
    [
      'int64, raw',
      7,
      raw(BigInt64Array.of(2n ** 63n - 1n, -2n)),
      'int64',
      BigInt64Array.of(2n ** 63n - 1n, -2n),
    ],
    ['int64, listed', 7, packedField(7, 2n ** 63n - 1n, -2), 'int64', BigInt64Array.of(2n ** 63n - 1n, -2n)],
    ['bool, raw', 9, raw(Uint8Array.of(1, 0)), 'bool', Uint8Array.of(1, 0)],
    ['bool, listed', 9, packedField(5, 1, 0), 'bool', Uint8Array.of(1, 0)],
    ['uint8, raw', 2, raw(Uint8Array.of(255, 0)), 'uint8', Uint8Array.of(255, 0)],
    ['uint8, listed', 2, packedField(5, 255, 0), 'uint8', Uint8Array.of(255, 0)],
    ['int8, listed', 3, packedField(5, 127, -128), 'int8', Int8Array.of(127, -128)],
    ['uint16, raw', 4, raw(Uint16Array.of(65_535, 0)), 'uint16', Uint16Array.of(65_535, 0)],
    ['int16, listed', 5, packedField(5, 7, -2), 'int16', Int16Array.of(7, -2)],
    ['uint32, listed', 12, packedField(11, 2 ** 32 - 1, 0), 'uint32', Uint32Array.of(2 ** 32 - 1, 0)],
    ['uint64, listed', 13, packedField(11, 2 ** 40, 0), 'uint64', BigUint64Array.of(2n ** 40n, 0n)],
  ] as const)('reads initialisers of %s', (_, dataType, data, elementType, elements) => {
    const { constants } = readOnnx(tensor(dataType, [2], data)).graph;
    expect(constants.get('w')).toEqual({ dims: [2], elementType, elements });
  });

  it('reads a list field by field as well as packed', () => {
    const singles = [1.5, -2].map((number) => floatField(4, number));
    const doubles = [1.5, -2].map((number) => doubleField(10, number));
    expect(readOnnx(tensor(1, [2], ...singles)).graph.constants.get('w')!.elements).toEqual(
      Float32Array.of(1.5, -2),
    );
    expect(readOnnx(tensor(11, [2], ...doubles)).graph.constants.get('w')!.elements).toEqual(
      Float64Array.of(1.5, -2),
    );
  });

  it('does not copy elements that lie aligned, wherever they do', () => {
    const file = tensor(2, [4], raw(Uint8Array.of(1, 2, 3, 4)));
    const { elements } = readOnnx(file).graph.constants.get('w')!;
    expect(elements.buffer).toBe(file.buffer);
    // Numbers of 8 bytes, at each of 8 places.
    const numbers = tensor(11, [2], raw(Float64Array.of(1.5, -2)));
    for (let offset = 0; offset < 8; offset++) {
      const moved = new Uint8Array(numbers.length + offset).subarray(offset);
      moved.set(numbers);
      const tensors = readOnnx(moved).graph.constants;
      expect(tensors.get('w')!.elements).toEqual(Float64Array.of(1.5, -2));
    }
  });

  it('reads nodes, attributes, inputs and outputs', () => {
    const { operatorSets, irVersion, graph } = readOnnx(convolutionalNetwork());
    expect(irVersion).toBe(8);
    expect(operatorSets).toEqual(new Map([['', 17]]));
    expect(graph.inputs).toEqual([{ name: 'image', elementType: 'float32', dims: ['n', 3, 12, 12] }]);
    expect(graph.outputs).toHaveLength(1);
    expect(graph.nodes[0]).toMatchObject({
      name: 'conv_0',
      operator: 'Conv',
      domain: '',
      inputs: ['image', 'weights_0', 'weights_1'],
    });
    expect(graph.nodes[0]!.attributes['pads']).toEqual([0, 1, 1, 0]);
    expect(graph.constants.get('weights_0')!.dims).toEqual([8, 3, 3, 3]);
  });

  it('takes names that mean something to JavaScript as names', () => {
    const attribute = messageField(5, bytesField(1, '__proto__'), varintField(3, 5), varintField(20, 2));
    const { attributes } = readOnnx(modelOf(messageField(1, attribute))).graph.nodes[0]!;
    expect(Object.entries(attributes)).toEqual([['__proto__', 5]]);
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
  });

  it('knows the two names of the domain of ONNX', () => {
    const file = Buffer.concat([
      messageField(OPERATOR_SET, bytesField(1, 'ai.onnx'), varintField(2, 17)),
      messageField(GRAPH, messageField(1, bytesField(4, 'Relu'), bytesField(7, 'ai.onnx'))),
    ]);
    const { operatorSets, graph } = readOnnx(file);
    expect(operatorSets.get('')).toBe(17);
    expect(graph.nodes[0]!.domain).toBe('');
  });

  it('refuses weights in other files', () => {
    const read = () => readOnnx(backboneWithExternalWeights);
    expect(read).toThrow(Failure);
    expect(read).toThrow('the tensor weights is kept in another file (ONNX external data)');
    expect(() => readOnnx(tensor(1, [1], raw(Float32Array.of(1)), varintField(14, 1)))).toThrow(
      'another file',
    );
  });

  it.each([
    ['no model at all', EMPTY, 'it has no graph'],
    ['text', Buffer.from('not an ONNX file'), 'not an ONNX file'],
    ['a model of unknown operators', messageField(GRAPH), 'which version'],
    ['a tensor of strings', tensor(8, [1]), "elements of ONNX's type 8"],
    ['too few elements', tensor(1, [3], raw(Float32Array.of(1))), 'has 1 elements'],
    ['half an element', tensor(1, [1], raw(Uint8Array.of(1, 2))), 'has 2 bytes of elements of 4'],
    ['a negative extent', tensor(1, [-1], raw(Float32Array.of(1))), 'no valid shape'],
    ['an overflowing shape', tensor(1, [2 ** 40, 2 ** 40], raw(Float32Array.of(1))), 'has 1 elements'],
    ['many axes', tensor(1, [1, 1, 1, 1, 1, 1, 1, 1, 1], raw(Float32Array.of(1))), 'has 9 axes'],
    ['a tensor in segments', tensor(1, [1], messageField(3, varintField(1, 1))), 'stored in segments'],
    [
      'a tensor without a name',
      modelOf(messageField(INITIALIZER, varintField(2, 1), varintField(1, 0))),
      'no name',
    ],
    ['a sparse initialiser', modelOf(messageField(15)), 'sparse'],
    ['two graphs', Buffer.concat([modelOf(), modelOf()]), 'not an ONNX file'],
    ['a number where a text should be', modelOf(messageField(1, varintField(4, 1))), 'not an ONNX file'],
    [
      'a text that is cut off',
      modelOf(messageField(1, Uint8Array.of((4 << 3) | 2, 9, 65))),
      'not an ONNX file',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readOnnx(bytes)).toThrow(Failure);
    expect(() => readOnnx(bytes)).toThrow(message);
  });

  it('refuses a constant that is defined twice', () => {
    const initializer = messageField(INITIALIZER, varintField(1, 0), varintField(2, 1), bytesField(8, 'w'));
    expect(() => readOnnx(modelOf(initializer, initializer))).toThrow(
      "the constant 'w' has no name or is defined twice",
    );
  });

  it('refuses a file of very many nodes without storing them', () => {
    const nodes = Buffer.concat(Array.from({ length: 100_001 }, () => messageField(1)));
    expect(() => readOnnx(modelOf(nodes))).toThrow('more than 100000 members');
  });

  it('refuses deeply nested groups', () => {
    expect(() => readOnnx(new Uint8Array(1_000_000).fill(0x0b))).toThrow(Failure);
  });

  it('says that a file has more than 2 GiB', () => {
    // Of memory that is never touched.
    const read = () => readOnnx(new Uint8Array(2 ** 31));
    expect(read).toThrow(Failure);
    expect(read).toThrow('the graph has 2147483648 bytes; an ONNX file has at most 2147483647 (2 GiB)');
  });

  // Either it is still a network, or it is refused with a reason: nothing else may come of any file.
  it('survives files with changed bytes, up to the import', () => {
    const models = [convolutionalNetwork(), branchedNetwork(), tinyBackbone({ side: 12 })];
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...models), changes, fc.option(fc.nat()), (model, changed, cutAt) => {
        const bytes = Uint8Array.from(model);
        changed.forEach(([position, value]) => (bytes[position % bytes.length] = value));
        const file = cutAt === null ? bytes : bytes.subarray(0, cutAt % bytes.length);
        try {
          importedNetwork(file);
        } catch (error) {
          expect(error).toMatchObject({ name: 'Failure', reason: 'MODEL_INVALID' });
        }
      }),
      { numRuns: 400 },
    );
  });
});
