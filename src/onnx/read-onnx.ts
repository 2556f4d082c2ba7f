import { Failure } from '../core/failure.js';
import { keepAsRead } from './as-read.js';
import {
  shown,
  type Attributes,
  type AttributeValue,
  type Graph,
  type GraphNode,
  type OnnxModel,
  type ValueInfo,
} from './graph.js';
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPES,
  GRAPH,
  MODEL,
  type NODE,
  type TENSOR,
  type VALUE_INFO,
} from './onnx-messages.js';
import type { Decoded, Kept } from './protobuf-messages.js';
import { requireSize } from './protobuf-values.js';
import { readTensor } from './read-tensor.js';
import { elementTypeOf, requireLittleEndian, type Tensor } from './tensor.js';

/**
 * Reads an ONNX file (github.com/onnx/onnx, onnx.proto). Elements of tensors are not copied where they lie aligned.
 *
 * @param bytes an untrusted ONNX file; they must not be changed while what was read is in use
 * @throws Failure MODEL_INVALID where it is none, is cut off, keeps tensors in other files or in types unknown here, or has
 *   more members than any network
 */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  requireLittleEndian();
  requireSize(bytes.length);
  return decoded(() => readModel(MODEL.decode(bytes)));
}

function readModel({
  irVersion = 0,
  producerName,
  opsetImport = [],
  graph,
}: Decoded<typeof MODEL>): OnnxModel {
  if (graph === undefined) throw invalid('the file is no ONNX model: it has no graph');
  const operatorSets = new Map(
    opsetImport.map(({ domain = '', version = 0 }) => [standardDomain(domain), version]),
  );
  if (!operatorSets.has('')) throw invalid("the file does not say which version of ONNX's operators it uses");
  return {
    irVersion,
    ...(producerName === undefined ? {} : { producerName }),
    operatorSets,
    graph: readGraph(graph),
  };
}

function readGraph(graph: Decoded<typeof GRAPH>): Graph {
  const { name = '', node = [], initializer = [], input = [], output = [], sparseInitializer } = graph;
  if (sparseInitializer !== undefined) throw invalid('the graph has sparse initialisers');
  return {
    name,
    nodes: node.map(readNode),
    constants: readConstants(initializer),
    inputs: input.map(readValueInfo),
    outputs: output.map(readValueInfo),
  };
}

function readConstants(initializers: readonly Kept<typeof TENSOR>[]): ReadonlyMap<string, Tensor> {
  const constants = new Map<string, Tensor>();
  for (const { message, bytes } of initializers) {
    const { name = '' } = message;
    if (name === '' || constants.has(name))
      throw invalid(`the constant '${shown(name)}' has no name or is defined twice`);
    constants.set(name, keepAsRead(readTensor(message), [bytes], name));
  }
  return constants;
}

function readNode(node: Decoded<typeof NODE>): GraphNode {
  const { name = '', opType = '', domain = '', input = [], output = [], attribute = [] } = node;
  return {
    name,
    operator: opType,
    domain: standardDomain(domain),
    inputs: input,
    outputs: output,
    attributes: readAttributes(attribute),
  };
}

function readAttributes(attributes: readonly Kept<typeof ATTRIBUTE>[]): Attributes {
  // Any text may be a name: `fromEntries` does not take one for the prototype.
  const read: Attributes = Object.fromEntries(
    attributes.map((attribute) => [attribute.message.name ?? '', readAttribute(attribute)]),
  );
  return keepAsRead(
    read,
    attributes.map(({ bytes }) => bytes),
  );
}

function readAttribute({ message, bytes }: Kept<typeof ATTRIBUTE>): AttributeValue {
  const { type, f = 0, i = 0, s = '', t = {}, floats = [], ints = [] } = message;
  switch (type) {
    case ATTRIBUTE_TYPES.float:
      return { float: f };
    case ATTRIBUTE_TYPES.integer:
      return i;
    case ATTRIBUTE_TYPES.text:
      return s;
    case ATTRIBUTE_TYPES.tensor:
      return { tensor: readTensor(t) };
    case ATTRIBUTE_TYPES.floats:
      return { floats };
    case ATTRIBUTE_TYPES.integers:
      return ints;
    default:
      return { encoded: bytes };
  }
}

/**
 * The graph that an attribute holds, such as a branch of `If`.
 * @returns undefined where it holds something else
 * @throws Failure MODEL_INVALID as {@link readOnnx}
 */
export function graphAttribute(value: AttributeValue): Graph | undefined {
  if (typeof value !== 'object') return undefined;
  if ('graph' in value) return value.graph;
  if (!('encoded' in value)) return undefined;
  return decoded(() => {
    const { g } = ATTRIBUTE.decode(value.encoded);
    return g === undefined ? undefined : readGraph(GRAPH.decode(g));
  });
}

/** @throws Failure MODEL_INVALID in place of what the decoding of damaged bytes throws */
function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('MODEL_INVALID', 'the graph is not an ONNX file, or is cut off', {}, [], { cause });
  }
}

function readValueInfo({ message, bytes }: Kept<typeof VALUE_INFO>): ValueInfo {
  const { name = '', type: { tensorType: { elemType = 0, shape } = {} } = {} } = message;
  const elementType = elementTypeOf(elemType);
  const dims = shape?.dim?.map(({ dimValue, dimParam = '' }) => dimValue ?? dimParam);
  const read: ValueInfo = {
    name,
    ...(elementType === undefined ? {} : { elementType }),
    ...(shape === undefined ? {} : { dims: dims ?? [] }),
  };
  return keepAsRead(read, [bytes]);
}

/** ONNX's own domain has two names. */
function standardDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function invalid(message: string): Failure {
  return new Failure('MODEL_INVALID', message);
}
