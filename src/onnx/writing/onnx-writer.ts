import { endianness } from 'node:os';

import protobuf from 'protobufjs';

import { CompileError } from '../../compiler/errors.js';
import { bytesOf, type Constant } from '../../compiler/graph/constant.js';
import type { AttributeValue, Graph, GraphNode, GraphPort } from '../../compiler/graph/graph.js';
import { DATA_TYPES } from './data-types.js';
import { ONNX_SCHEMA } from './onnx-schema.js';

const IR_VERSION = 8;
const STANDARD_OPERATOR_SET = { domain: '', version: 17 };
/** Versions of ONNX Runtime's own operators; they have only one. */
const CUSTOM_OPERATOR_SET_VERSION = 1;

/** Numbers of AttributeProto.AttributeType. */
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTS = 7;

const modelType = protobuf.Root.fromJSON(ONNX_SCHEMA).lookupType('onnx.ModelProto');

/** Serialises a graph as an ONNX model. @throws CompileError on a big-endian machine. */
export function writeOnnx(graph: Graph, graphName: string): Uint8Array {
  // ONNX stores raw tensors little-endian and typed arrays are in the machine's order.
  if (endianness() !== 'LE')
    throw new CompileError('ONNX models can only be written on little-endian machines');
  const customDomains = new Set(graph.nodes.map(({ domain }) => domain).filter((domain) => domain !== ''));
  return modelType
    .encode({
      irVersion: IR_VERSION,
      producerName: 'symface-compiler',
      opsetImport: [
        STANDARD_OPERATOR_SET,
        ...Array.from(customDomains, (domain) => ({ domain, version: CUSTOM_OPERATOR_SET_VERSION })),
      ],
      graph: {
        name: graphName,
        node: graph.nodes.map(nodeProto),
        initializer: Array.from(graph.constants, ([name, constant]) => tensorProto(name, constant)),
        input: graph.inputs.map(valueInfoProto),
        output: graph.outputs.map(valueInfoProto),
      },
    })
    .finish();
}

function nodeProto(node: GraphNode, position: number): object {
  return {
    name: `${node.opType}_${position}`,
    opType: node.opType,
    domain: node.domain,
    input: node.inputs,
    output: node.outputs,
    attribute: Object.entries(node.attributes).map(([name, value]) => ({ name, ...attributeValue(value) })),
  };
}

function attributeValue(value: AttributeValue): object {
  if (typeof value === 'number') return { type: ATTRIBUTE_INT, i: value };
  if (typeof value === 'string') return { type: ATTRIBUTE_STRING, s: Buffer.from(value) };
  if ('float' in value) return { type: ATTRIBUTE_FLOAT, f: value.float };
  return { type: ATTRIBUTE_INTS, ints: value };
}

function tensorProto(name: string, constant: Constant): object {
  const { dims, elementType } = constant;
  return { name, dims, dataType: DATA_TYPES[elementType], rawData: bytesOf(constant) };
}

function valueInfoProto({ name, elementType, dims }: GraphPort): object {
  const dim = dims.map((extent) =>
    typeof extent === 'number' ? { dimValue: extent } : { dimParam: extent },
  );
  return { name, type: { tensorType: { elemType: DATA_TYPES[elementType], shape: { dim } } } };
}
