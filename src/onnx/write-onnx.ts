import { asRead } from './as-read.js';
import type {
  Attributes,
  AttributeValue,
  Dimension,
  Graph,
  GraphNode,
  OnnxModel,
  ValueInfo,
} from './graph.js';
import {
  ATTRIBUTE_TYPES,
  GRAPH,
  MODEL,
  type ATTRIBUTE,
  type NODE,
  type TENSOR,
  type VALUE_INFO,
} from './onnx-messages.js';
import { newMessage, sameMessage, type Decoded, type Kept } from './protobuf-messages.js';
import { bytesOf, dataTypeOf, requireLittleEndian, type Tensor } from './tensor.js';

/**
 * Writes an ONNX file. What was read from one, and not replaced, is written as it was there; of the rest, equal graphs are
 * equal files. Elements of tensors are copied once.
 *
 * @throws Failure MODEL_INVALID where the file would have more than 2 GiB
 */
export function writeOnnx({ irVersion, producerName, operatorSets, graph }: OnnxModel): Uint8Array {
  requireLittleEndian();
  return MODEL.encode({
    irVersion,
    producerName,
    graph: graphMessage(graph),
    opsetImport: Array.from(operatorSets, ([domain, version]) => ({ domain, version })),
  });
}

function graphMessage(graph: Graph): Decoded<typeof GRAPH> {
  return {
    node: graph.nodes.map(nodeMessage),
    name: graph.name,
    initializer: Array.from(graph.constants, ([name, tensor]) => keptTensor(name, tensor)),
    input: graph.inputs.map(keptValueInfo),
    output: graph.outputs.map(keptValueInfo),
  };
}

function nodeMessage({
  name,
  operator,
  domain,
  inputs,
  outputs,
  attributes,
}: GraphNode): Decoded<typeof NODE> {
  return {
    input: [...inputs],
    output: [...outputs],
    name,
    opType: operator,
    attribute: keptAttributes(attributes),
    domain,
  };
}

function keptAttributes(attributes: Attributes): Kept<typeof ATTRIBUTE>[] {
  const messages = asRead(attributes);
  if (messages !== undefined) return messages.map((bytes) => sameMessage(bytes));
  return Object.entries(attributes).map(([name, value]) =>
    typeof value === 'object' && 'encoded' in value
      ? sameMessage(value.encoded)
      : newMessage({ name, ...valueMessage(value) }),
  );
}

function valueMessage(
  value: Exclude<AttributeValue, { readonly encoded: Uint8Array }>,
): Decoded<typeof ATTRIBUTE> {
  if (typeof value === 'number') return { i: value, type: ATTRIBUTE_TYPES.integer };
  if (typeof value === 'string') return { s: value, type: ATTRIBUTE_TYPES.text };
  if ('float' in value) return { f: value.float, type: ATTRIBUTE_TYPES.float };
  if ('floats' in value) return { floats: [...value.floats], type: ATTRIBUTE_TYPES.floats };
  if ('tensor' in value) return { t: tensorMessage(value.tensor), type: ATTRIBUTE_TYPES.tensor };
  if ('graph' in value) return { g: GRAPH.encode(graphMessage(value.graph)), type: ATTRIBUTE_TYPES.graph };
  return { ints: [...value], type: ATTRIBUTE_TYPES.integers };
}

function keptTensor(name: string, tensor: Tensor): Kept<typeof TENSOR> {
  const [bytes] = asRead(tensor, name) ?? [];
  return bytes === undefined ? newMessage({ name, ...tensorMessage(tensor) }) : sameMessage(bytes);
}

function tensorMessage(tensor: Tensor): Decoded<typeof TENSOR> {
  const { dims, elementType } = tensor;
  return { dims: [...dims], dataType: dataTypeOf(elementType), rawData: bytesOf(tensor) };
}

function keptValueInfo(value: ValueInfo): Kept<typeof VALUE_INFO> {
  const [bytes] = asRead(value) ?? [];
  if (bytes !== undefined) return sameMessage(bytes);
  const { name, elementType, dims } = value;
  if (elementType === undefined && dims === undefined) return newMessage({ name });
  const elemType = elementType === undefined ? undefined : dataTypeOf(elementType);
  const shape = dims === undefined ? undefined : { dim: dims.map(dimensionMessage) };
  return newMessage({ name, type: { tensorType: { elemType, shape } } });
}

function dimensionMessage(extent: Dimension): { readonly dimValue?: number; readonly dimParam?: string } {
  if (typeof extent === 'number') return { dimValue: extent };
  return extent === '' ? {} : { dimParam: extent };
}
