import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { floatsNamed, nodeOf, onnxFile } from '../../test/support/onnx-files.js';
import { bytesField, floatField, messageField, varintField } from '../../test/support/protobuf-fields.js';
import { Failure } from '../core/failure.js';
import type { AttributeValue, GraphNode, OnnxModel, ValueInfo } from './graph.js';
import { readOnnx } from './read-onnx.js';
import {
  ELEMENT_LAYOUTS,
  elementsOfBytes,
  layoutOf,
  tensorOf,
  type ElementType,
  type Tensor,
} from './tensor.js';
import { writeOnnx } from './write-onnx.js';

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const domain = fc.constantFrom('', 'com.microsoft');
const elementType = fc.constantFrom(...(Object.keys(ELEMENT_LAYOUTS) as ElementType[]));

const tensor: fc.Arbitrary<Tensor> = fc
  .tuple(elementType, fc.array(fc.nat({ max: 3 }), { maxLength: 4 }))
  .chain(([type, dims]) => {
    const length = dims.reduce((product, extent) => product * extent, layoutOf(type).array.BYTES_PER_ELEMENT);
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => ({ elementType: type, dims, elements: elementsOfBytes(bytes, type) }));
  });

/** No denormals: a session of ONNX Runtime in this process may have made the processor take them for 0. */
const float = fc.float().map((value) => (Math.abs(value) < 2 ** -126 ? 0 : value));
const attribute: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.maxSafeInteger(),
  fc.array(fc.maxSafeInteger()),
  text,
  fc.record({ float }),
  fc.record({ floats: fc.array(float) }),
  fc.record({ tensor }),
);

const node: fc.Arbitrary<GraphNode> = fc.record({
  name: text,
  operator: name,
  domain,
  inputs: fc.array(text),
  outputs: fc.array(name),
  attributes: fc.dictionary(text, attribute, { maxKeys: 4 }),
});

const valueInfo: fc.Arbitrary<ValueInfo> = fc.record(
  { name, elementType, dims: fc.array(fc.oneof(fc.nat(), text), { maxLength: 5 }) },
  { requiredKeys: ['name'] },
);

const model: fc.Arbitrary<OnnxModel> = fc.record(
  {
    irVersion: fc.nat(),
    producerName: text,
    operatorSets: fc.nat().map(
      (version) =>
        new Map([
          ['', version],
          ['com.microsoft', 1],
        ]),
    ),
    graph: fc.record({
      name: text,
      nodes: fc.array(node, { maxLength: 5 }),
      constants: fc
        .uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 5 })
        .map((entries) => new Map(entries)),
      inputs: fc.array(valueInfo, { maxLength: 3 }),
      outputs: fc.array(valueInfo, { maxLength: 3 }),
    }),
  },
  { requiredKeys: ['irVersion', 'operatorSets', 'graph'] },
);

/** A file of another writer: lists one by one, fields that nothing here knows, a graph in an attribute. */
function foreignFile(): Uint8Array {
  const unknown = bytesField(900, 'unknown');
  const filters = [varintField(1, 1), varintField(1, 2), varintField(2, 1)];
  const values = [floatField(4, 1.5), floatField(4, -2)];
  const branch = messageField(5, bytesField(1, 'then_branch'), messageField(6), varintField(20, 5));
  const pads = messageField(
    5,
    bytesField(1, 'pads'),
    varintField(8, 0),
    varintField(8, 1),
    unknown,
    varintField(20, 7),
  );
  const type = messageField(2, messageField(1, varintField(1, 8), messageField(2, messageField(1))));
  return Buffer.concat([
    varintField(1, 8),
    messageField(
      7,
      messageField(
        1,
        bytesField(1, 'x'),
        bytesField(2, 'y'),
        bytesField(3, 'n'),
        bytesField(4, 'If'),
        branch,
        pads,
        bytesField(7, ''),
      ),
      bytesField(2, 'g'),
      messageField(5, ...filters, ...values, bytesField(8, 'w'), unknown),
      messageField(11, bytesField(1, 'x'), type, unknown),
      messageField(12, bytesField(1, 'y')),
    ),
    messageField(8, bytesField(1, ''), varintField(2, 17)),
  ]);
}

describe('writeOnnx', () => {
  it('writes what is read again, and then the same file', () => {
    fc.assert(
      fc.property(model, (written) => {
        const file = writeOnnx(written);
        const read = readOnnx(file);
        expect(read).toEqual(written);
        expect(Buffer.compare(writeOnnx(read), file)).toBe(0);
        expect(Buffer.compare(writeOnnx(structuredClone(read)), file)).toBe(0);
      }),
    );
  });

  it('keeps tensors, attributes and values of other writers as they are', () => {
    const file = foreignFile();
    const read = readOnnx(file);
    expect(read.graph.constants.get('w')).toEqual(tensorOf([1.5, -2], [1, 2], 'float32'));
    expect(read.graph.nodes[0]!.attributes['pads']).toEqual([0, 1]);
    expect(read.graph.inputs).toEqual([{ name: 'x', dims: [''] }]);
    expect(Buffer.from(writeOnnx(read)).toString('hex')).toBe(Buffer.from(file).toString('hex'));
  });

  it('writes what was replaced or renamed anew, and what it does not look into as it was', () => {
    const { graph, ...file } = readOnnx(foreignFile());
    const [original] = [...graph.constants.values()];
    const constants = new Map([
      ['v', original!],
      ['w', tensorOf([3], [1], 'float32')],
    ]);
    const [node] = graph.nodes;
    const changed = { ...node!, attributes: { ...node!.attributes, pads: [2] } };
    const again = readOnnx(writeOnnx({ ...file, graph: { ...graph, constants, nodes: [changed] } })).graph;
    expect(again.constants).toEqual(constants);
    expect(again.nodes[0]!.attributes).toEqual(changed.attributes);
  });

  it('says that a file would have more than 2 GiB', () => {
    const half = new Uint8Array(2 ** 30);
    const tensors = { whole: new Uint8Array(2 ** 31), first: half, second: half };
    const written = (...names: readonly (keyof typeof tensors)[]): Uint8Array =>
      onnxFile({
        inputs: [floatsNamed('x')],
        outputs: [floatsNamed('y')],
        nodes: [nodeOf('Relu', ['x'], ['y'])],
        constants: new Map(names.map((key) => [key, tensorOf(tensors[key], [tensors[key].length], 'uint8')])),
      });
    expect(() => written('whole')).toThrow(Failure);
    expect(() => written('whole')).toThrow('an ONNX file has at most 2147483647 (2 GiB)');
    expect(() => written('first', 'second')).toThrow(/^the graph has 21474\d+ bytes/u);
  });
});
