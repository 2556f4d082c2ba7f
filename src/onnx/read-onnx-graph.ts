import { Failure } from '../core/failure.js';
import {
  shown,
  type GraphAttribute,
  type GraphConstant,
  type GraphNode,
  type GraphPort,
  type OnnxGraph,
} from './onnx-graph.js';
import { readMessage } from './message-fields.js';
import { readTensor } from './tensor-message.js';

/** The largest networks in use have some thousand nodes; a file of empty ones must not take all memory. */
const MAXIMUM_MEMBERS = 100_000;

/** Numbers of AttributeProto.AttributeType. */
const [FLOAT, INTEGER, TEXT, TENSOR, FLOATS, INTEGERS] = [1, 2, 3, 4, 6, 7];

/**
 * Reads an ONNX file (github.com/onnx/onnx, onnx.proto; numbers below are its field numbers). Constant nodes become
 * constants, as initialisers do.
 *
 * @param bytes an untrusted ONNX file
 * @throws Failure MODEL_INVALID where it is none, is cut off, or keeps tensors in other files
 */
export function readOnnxGraph(bytes: Uint8Array): OnnxGraph {
  try {
    return readModel(bytes);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('MODEL_INVALID', 'the graph is not an ONNX file, or is cut off', {}, [], { cause });
  }
}

function readModel(bytes: Uint8Array): OnnxGraph {
  let graph: Uint8Array | undefined;
  let operatorSet: number | undefined;
  readMessage(bytes, {
    7: (field) => {
      graph = field.bytes();
    },
    8: (field) => {
      const { domain, version } = readOperatorSet(field.bytes());
      if (isStandardDomain(domain)) operatorSet = version;
    },
  });
  if (graph === undefined) throw invalid('the file is no ONNX model: it has no graph');
  if (operatorSet === undefined)
    throw invalid("the file does not say which version of ONNX's operators it uses");
  return readGraph(graph, operatorSet);
}

function readOperatorSet(bytes: Uint8Array): { readonly domain: string; readonly version: number } {
  let [domain, version] = ['', 0];
  readMessage(bytes, {
    1: (field) => {
      domain = field.text();
    },
    2: (field) => {
      version = field.integer();
    },
  });
  return { domain, version };
}

function readGraph(bytes: Uint8Array, operatorSet: number): OnnxGraph {
  const nodes: GraphNode[] = [];
  const constants = new Map<string, GraphConstant>();
  const [inputs, outputs]: [GraphPort[], GraphPort[]] = [[], []];
  const define = (name: string, constant: GraphConstant): void => {
    if (name === '' || constants.has(name))
      throw invalid(`the constant '${shown(name)}' has no name or is defined twice`);
    constants.set(name, constant);
    requireFew(constants.size);
  };
  readMessage(bytes, {
    1: (field) => {
      const node = readNode(field.bytes());
      const value = node.operator === 'Constant' ? constantValue(node) : undefined;
      if (value === undefined) nodes.push(node);
      else define(node.outputs[0] ?? '', value);
      requireFew(nodes.length);
    },
    5: (field) => {
      const { name, constant } = readTensor(field.bytes());
      define(name, constant);
    },
    11: (field) => {
      requireFew(inputs.push(readPort(field.bytes())));
    },
    12: (field) => {
      requireFew(outputs.push(readPort(field.bytes())));
    },
    15: () => {
      throw invalid('the graph has sparse initialisers');
    },
  });
  // Up to version 3 of the format every initialiser is an input as well.
  return {
    operatorSet,
    nodes,
    constants,
    inputs: inputs.filter(({ name }) => !constants.has(name)),
    outputs,
  };
}

function readNode(bytes: Uint8Array): GraphNode {
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const attributes = new Map<string, GraphAttribute>();
  let [name, operator, domain] = ['', '', ''];
  readMessage(bytes, {
    1: (field) => {
      requireFew(inputs.push(field.text()));
    },
    2: (field) => {
      requireFew(outputs.push(field.text()));
    },
    3: (field) => {
      name = field.text();
    },
    4: (field) => {
      operator = field.text();
    },
    5: (field) => {
      const [attributeName, attribute] = readAttribute(field.bytes());
      attributes.set(attributeName, attribute);
      requireFew(attributes.size);
    },
    7: (field) => {
      domain = field.text();
    },
  });
  return {
    name,
    operator: isStandardDomain(domain) ? operator : `${domain}.${operator}`,
    inputs,
    outputs,
    attributes,
  };
}

function readAttribute(bytes: Uint8Array): [string, GraphAttribute] {
  const [floats, integers]: [number[], number[]] = [[], []];
  let [name, type, float, integer, text] = ['', 0, 0, 0, ''];
  let tensor: Uint8Array | undefined;
  readMessage(bytes, {
    1: (field) => {
      name = field.text();
    },
    2: (field) => {
      float = field.float();
    },
    3: (field) => {
      integer = field.integer();
    },
    4: (field) => {
      text = field.text();
    },
    5: (field) => {
      tensor = field.bytes();
    },
    7: (field) => {
      field.floatsTo(floats);
    },
    8: (field) => {
      field.integersTo(integers);
    },
    20: (field) => {
      type = field.integer();
    },
  });
  switch (type) {
    case FLOAT:
      return [name, { kind: 'float', value: float }];
    case INTEGER:
      return [name, { kind: 'integer', value: integer }];
    case TEXT:
      return [name, { kind: 'text', value: text }];
    case TENSOR:
      return [name, { kind: 'tensor', value: readTensor(tensor ?? new Uint8Array()).constant }];
    case FLOATS:
      return [name, { kind: 'floats', value: floats }];
    case INTEGERS:
      return [name, { kind: 'integers', value: integers }];
    default:
      return [name, { kind: 'other' }];
  }
}

/** What a Constant node gives, in whichever of its attributes; undefined for texts and sparse tensors. */
function constantValue({ attributes }: GraphNode): GraphConstant | undefined {
  for (const attribute of attributes.values()) {
    switch (attribute.kind) {
      case 'tensor':
        return attribute.value;
      case 'float':
        return { shape: [], elementType: 'float32', values: Float32Array.of(attribute.value) };
      case 'integer':
        return { shape: [], elementType: 'int32', values: Int32Array.of(attribute.value) };
      case 'floats':
        return {
          shape: [attribute.value.length],
          elementType: 'float32',
          values: Float32Array.from(attribute.value),
        };
      case 'integers':
        return {
          shape: [attribute.value.length],
          elementType: 'int32',
          values: Int32Array.from(attribute.value),
        };
    }
  }
  return undefined;
}

/** A ValueInfoProto of a tensor. */
function readPort(bytes: Uint8Array): GraphPort {
  const shape: (number | undefined)[] = [];
  let name = '';
  const readDimension = (dimension: Uint8Array): void => {
    let extent: number | undefined;
    readMessage(dimension, {
      1: (field) => {
        extent = field.integer();
      },
    });
    requireFew(shape.push(extent));
  };
  readMessage(bytes, {
    1: (field) => {
      name = field.text();
    },
    2: (type) => {
      readMessage(type.bytes(), {
        1: (tensor) => {
          readMessage(tensor.bytes(), {
            2: (dimensions) => {
              readMessage(dimensions.bytes(), {
                1: (dimension) => {
                  readDimension(dimension.bytes());
                },
              });
            },
          });
        },
      });
    },
  });
  return { name, shape };
}

function isStandardDomain(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

function requireFew(count: number): void {
  if (count > MAXIMUM_MEMBERS)
    throw invalid(`the graph has more than ${MAXIMUM_MEMBERS} members of one kind`);
}

function invalid(message: string): Failure {
  return new Failure('MODEL_INVALID', message);
}
