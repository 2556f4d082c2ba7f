import protobuf from 'protobufjs';

/** A node; its attributes are kept as they are. */
export interface FileNode {
  readonly name: string;
  readonly operator: string;
  /** '' for ONNX's own operators */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** AttributeProto messages */
  readonly attributes: readonly Uint8Array[];
}

/** An ONNX model as the runtime writes it, so that nodes and tensors can be changed. */
export interface OnnxFile {
  /** Version of the format */
  readonly irVersion: number;
  /** Versions of the operators, by domain; '' for ONNX's own */
  readonly operatorSets: ReadonlyMap<string, number>;
  readonly graphName: string;
  readonly nodes: readonly FileNode[];
  /** TensorProto messages */
  readonly tensors: readonly Uint8Array[];
  /** ValueInfoProto messages */
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

const optional = (id: number, type: string) => ({ id, type });
const repeated = (id: number, type: string) => ({ id, type, rule: 'repeated' as const });

/**
 * Fields of onnx.proto (github.com/onnx/onnx) by number. Messages that are kept whole are bytes here. What is not named is
 * left out: shapes of values between nodes, which change with the nodes, documentation, and functions, which the runtime
 * has inlined.
 */
const schema = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: optional(1, 'int64'),
        graph: optional(7, 'GraphProto'),
        opsetImport: repeated(8, 'OperatorSetIdProto'),
      },
    },
    OperatorSetIdProto: { fields: { domain: optional(1, 'string'), version: optional(2, 'int64') } },
    GraphProto: {
      fields: {
        node: repeated(1, 'NodeProto'),
        name: optional(2, 'string'),
        initializer: repeated(5, 'bytes'),
        input: repeated(11, 'bytes'),
        output: repeated(12, 'bytes'),
      },
    },
    NodeProto: {
      fields: {
        input: repeated(1, 'string'),
        output: repeated(2, 'string'),
        name: optional(3, 'string'),
        opType: optional(4, 'string'),
        attribute: repeated(5, 'bytes'),
        domain: optional(7, 'string'),
      },
    },
    ValueInfoProto: { fields: { name: optional(1, 'string') } },
    AttributeProto: {
      fields: { name: optional(1, 'string'), s: optional(4, 'bytes'), ints: repeated(8, 'int64') },
    },
    TensorProto: {
      fields: {
        // Packed, as protobufjs writes numbers; the runtime reads both.
        dims: repeated(1, 'int64'),
        dataType: optional(2, 'int32'),
        name: optional(8, 'string'),
        rawData: optional(9, 'bytes'),
      },
    },
  },
});

interface ModelMessage {
  readonly irVersion: number;
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly graph: {
    readonly name: string;
    readonly node: readonly (Pick<FileNode, 'name' | 'domain'> & {
      readonly opType: string;
      readonly input: readonly string[];
      readonly output: readonly string[];
      readonly attribute: readonly Uint8Array[];
    })[];
    readonly initializer: readonly Uint8Array[];
    readonly input: readonly Uint8Array[];
    readonly output: readonly Uint8Array[];
  };
}

/** @throws Error where the bytes are no ONNX model */
export function parseOnnxFile(bytes: Uint8Array): OnnxFile {
  const type = schema.lookupType('ModelProto');
  const options = { longs: Number, arrays: true, defaults: true };
  const message = type.toObject(type.decode(bytes), options) as Partial<ModelMessage>;
  const { irVersion = 0, opsetImport = [], graph } = message;
  if (graph === undefined) throw new RangeError('the file has no graph');
  return {
    irVersion,
    operatorSets: new Map(opsetImport.map(({ domain, version }) => [standard(domain), version])),
    graphName: graph.name,
    nodes: graph.node.map(({ name, opType, domain, input, output, attribute }) => ({
      name,
      operator: opType,
      domain: standard(domain),
      inputs: input,
      outputs: output,
      attributes: attribute,
    })),
    tensors: graph.initializer,
    inputs: graph.input,
    outputs: graph.output,
  };
}

/** ONNX's own domain has two names. */
function standard(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

export function writeOnnxFile(file: OnnxFile): Uint8Array {
  return encoded('ModelProto', {
    irVersion: file.irVersion,
    opsetImport: Array.from(file.operatorSets, ([domain, version]) => ({ domain, version })),
    graph: {
      name: file.graphName,
      node: file.nodes.map(({ name, operator, domain, inputs, outputs, attributes }) => ({
        name,
        opType: operator,
        domain,
        input: inputs,
        output: outputs,
        attribute: attributes,
      })),
      initializer: file.tensors,
      input: file.inputs,
      output: file.outputs,
    },
  } satisfies ModelMessage);
}

/** A value of a graph; the runtime finds its type and shape. */
export function untypedValue(name: string): Uint8Array {
  return encoded('ValueInfoProto', { name });
}

/** @returns a value's or a tensor's name */
export function nameOf(message: 'ValueInfoProto' | 'TensorProto', bytes: Uint8Array): string {
  return (schema.lookupType(message).decode(bytes) as unknown as { readonly name: string }).name;
}

/** What of an attribute is looked at. */
export interface FileAttribute {
  readonly name: string;
  readonly text: string;
  readonly integers: readonly number[];
}

export function attributesOf({ attributes }: FileNode): readonly FileAttribute[] {
  const type = schema.lookupType('AttributeProto');
  return attributes.map((attribute) => {
    const { name, s, ints } = type.toObject(type.decode(attribute), {
      longs: Number,
      arrays: true,
      defaults: true,
    }) as { readonly name: string; readonly s: Uint8Array; readonly ints: readonly number[] };
    return { name, text: Buffer.from(s).toString('latin1'), integers: ints };
  });
}

/** Numbers of TensorProto.DataType. */
const DATA_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6 } as const;

/** A constant, in the machine's order, which is the format's on all that the project runs on. */
export function tensorOf(
  name: string,
  dims: readonly number[],
  values: Float32Array | Uint8Array | Int8Array | Int32Array,
): Uint8Array {
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return encoded('TensorProto', { name, dims, dataType: DATA_TYPES[elementTypeOf(values)], rawData });
}

function elementTypeOf(values: Float32Array | Uint8Array | Int8Array | Int32Array): keyof typeof DATA_TYPES {
  if (values instanceof Float32Array) return 'float32';
  if (values instanceof Int32Array) return 'int32';
  return values instanceof Int8Array ? 'int8' : 'uint8';
}

function encoded(type: string, message: object): Uint8Array {
  return schema.lookupType(type).encode(message).finish();
}
