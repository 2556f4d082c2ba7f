import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';

import { importedNetwork } from '../../test/support/imported-networks.js';
import { branchedNetwork, convolutionalNetwork } from '../../test/support/small-networks.js';
import { tinyBackbone } from '../../test/support/tiny-models.js';
import { Failure } from '../core/failure.js';
import { readOnnxGraph } from './read-onnx-graph.js';

type Writer = protobuf.Writer;

/** A model whose graph holds these messages; `fill` writes each behind its field's tag. */
function modelOf(
  ...messages: readonly (readonly [field: number, fill: (writer: Writer) => void])[]
): Uint8Array {
  const writer = protobuf.Writer.create();
  writer
    .uint32((8 << 3) | 2)
    .fork()
    .uint32(2 << 3)
    .int64(17)
    .ldelim();
  writer.uint32((7 << 3) | 2).fork();
  for (const [field, fill] of messages) {
    writer.uint32((field << 3) | 2).fork();
    fill(writer);
    writer.ldelim();
  }
  return writer.ldelim().finish();
}

const INITIALIZER = 5;

function tensor(dataType: number, dims: readonly number[], write: (writer: Writer) => void): Uint8Array {
  return modelOf([
    INITIALIZER,
    (writer) => {
      dims.forEach((extent) => writer.uint32(1 << 3).int64(extent));
      writer
        .uint32(2 << 3)
        .int32(dataType)
        .uint32((8 << 3) | 2)
        .string('w');
      write(writer);
    },
  ]);
}

const raw = (array: ArrayBufferView) => (writer: Writer) => {
  writer.uint32((9 << 3) | 2).bytes(new Uint8Array(array.buffer));
};
/** A packed list in a typed field. */
const packed = (field: number, fill: (writer: Writer) => void) => (writer: Writer) => {
  writer.uint32((field << 3) | 2).fork();
  fill(writer);
  writer.ldelim();
};

const constantOf = (model: Uint8Array) => {
  const { shape, elementType, values } = readOnnxGraph(model).constants.get('w')!;
  return { shape, elementType, values: [...values] };
};

describe('readOnnxGraph', () => {
  it.each([
    ['float, raw', 1, raw(Float32Array.of(1.5, -2)), 'float32', [1.5, -2]],
    ['float, listed', 1, packed(4, (writer) => writer.float(1.5).float(-2)), 'float32', [1.5, -2]],
    ['double, raw', 11, raw(Float64Array.of(1.5, -2)), 'float32', [1.5, -2]],
    ['double, listed', 11, packed(10, (writer) => writer.double(1.5).double(-2)), 'float32', [1.5, -2]],
    ['half, raw', 10, raw(Uint16Array.of(0x3c00, 0xc000)), 'float32', [1, -2]],
    ['half, listed', 10, packed(5, (writer) => writer.int32(0x3c00).int32(0xc000)), 'float32', [1, -2]],
    ['int32, raw', 6, raw(Int32Array.of(7, -2)), 'int32', [7, -2]],
    ['int32, listed', 6, packed(5, (writer) => writer.int32(7).int32(-2)), 'int32', [7, -2]],
    ['int64, raw', 7, raw(BigInt64Array.of(2n ** 63n - 1n, -2n)), 'int32', [2 ** 31 - 1, -2]],
    ['int64, listed', 7, packed(7, (writer) => writer.int64(7).int64(-2)), 'int32', [7, -2]],
    ['bool, raw', 9, raw(Uint8Array.of(1, 0)), 'bool', [1, 0]],
    ['bool, listed', 9, packed(5, (writer) => writer.int32(1).int32(0)), 'bool', [1, 0]],
    ['uint8, raw', 2, raw(Uint8Array.of(255, 0)), 'int32', [255, 0]],
  ] as const)('reads initialisers of %s', (_, dataType, write, elementType, values) => {
    const model = tensor(dataType, [2], (writer) => {
      write(writer);
    });
    expect(constantOf(model)).toEqual({ shape: [2], elementType, values });
  });

  it('reads a list field by field as well as packed', () => {
    const model = tensor(1, [2], (writer) => {
      [1.5, -2].forEach((number) => writer.uint32((4 << 3) | 5).float(number));
    });
    expect(constantOf(model).values).toEqual([1.5, -2]);
  });

  it('reads nodes, attributes and ports', () => {
    const { nodes, inputs, outputs, operatorSet, constants } = readOnnxGraph(convolutionalNetwork());
    expect(operatorSet).toBe(17);
    expect(inputs).toEqual([{ name: 'image', shape: [undefined, 3, 12, 12] }]);
    expect(outputs).toHaveLength(1);
    expect(nodes[0]).toMatchObject({
      name: 'conv_0',
      operator: 'Conv',
      inputs: ['image', 'weights_0', 'weights_1'],
    });
    expect(nodes[0]!.attributes.get('pads')).toEqual({ kind: 'integers', value: [0, 1, 1, 0] });
    expect(constants.get('weights_0')!.shape).toEqual([8, 3, 3, 3]);
  });

  it('refuses weights in other files', () => {
    const read = () => readOnnxGraph(tinyBackbone({ externalLocation: '/etc/passwd' }));
    expect(read).toThrow(Failure);
    expect(read).toThrow('the tensor weights is kept in another file (ONNX external data)');
  });

  it.each([
    ['no model at all', new Uint8Array(), 'it has no graph'],
    ['text', Buffer.from('not an ONNX file'), 'not an ONNX file'],
    ['a tensor of strings', tensor(8, [1], () => undefined), "elements of ONNX's type 8"],
    ['too few elements', tensor(1, [3], raw(Float32Array.of(1))), 'has 1 elements'],
    ['a negative extent', tensor(1, [-1], raw(Float32Array.of(1))), 'no valid shape'],
    ['an overflowing shape', tensor(1, [2 ** 40, 2 ** 40], raw(Float32Array.of(1))), 'has 1 elements'],
    ['a sparse initialiser', modelOf([15, () => undefined]), 'sparse'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readOnnxGraph(bytes)).toThrow(Failure);
    expect(() => readOnnxGraph(bytes)).toThrow(message);
  });

  it('refuses a file of very many nodes without storing them', () => {
    const nodes = Array.from({ length: 100_001 }, () => [1, () => undefined] as const);
    expect(() => readOnnxGraph(modelOf(...nodes))).toThrow('more than 100000 members');
  });

  it('refuses deeply nested groups', () => {
    expect(() => readOnnxGraph(new Uint8Array(1_000_000).fill(0x0b))).toThrow(Failure);
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
