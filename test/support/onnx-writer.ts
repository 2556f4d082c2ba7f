import protobuf from 'protobufjs/minimal.js';

/**
 * Writes ONNX files for specs, without weights of any real model. Only what the specs need of onnx.proto3; the
 * numbers are its field numbers.
 */

type Writer = protobuf.Writer;
type Fill = (writer: Writer) => void;

/** A dimension: a number, or the name of a dynamic one. */
export type Dimension = number | string;

export interface ValueInfo {
  readonly name: string;
  /** Left out: the file does not say. */
  readonly dimensions?: readonly Dimension[];
}

/** A whole number stands for an integer; `float` for any number. */
export type Attribute =
  number | string | readonly number[] | { readonly float: number } | { readonly tensor: Initializer };

export interface Initializer {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly values: readonly number[] | Float32Array;
  /** ONNX `INT64` instead of `FLOAT`. */
  readonly isInt64?: boolean;
  /** Says that the bytes lie in this other file. */
  readonly externalLocation?: string;
}

export interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly name?: string;
}

export interface Graph {
  /** Version of ONNX's operators. Default: 17. */
  readonly operatorSet?: number;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly Node[];
  readonly initializers?: readonly Initializer[];
}

const FLOAT = 1;
const INT64 = 7;
const EXTERNAL = 1;

/** A model with this graph. */
export function writeOnnx(graph: Graph): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(tag(1, 0)).int64(8);
  message(writer, 7, (body) => {
    writeGraph(body, graph);
  });
  message(writer, 8, (opset) => {
    opset.uint32(tag(2, 0)).int64(graph.operatorSet ?? 17);
  });
  return writer.finish();
}

function writeGraph(writer: Writer, graph: Graph): void {
  for (const node of graph.nodes) {
    message(writer, 1, (body) => {
      node.inputs.forEach((name) => body.uint32(tag(1, 2)).string(name));
      node.outputs.forEach((name) => body.uint32(tag(2, 2)).string(name));
      body.uint32(tag(3, 2)).string(node.name ?? '');
      body.uint32(tag(4, 2)).string(node.operator);
      for (const [name, value] of Object.entries(node.attributes ?? {})) {
        message(body, 5, (attribute) => {
          attribute.uint32(tag(1, 2)).string(name);
          writeAttribute(attribute, value);
        });
      }
    });
  }
  writer.uint32(tag(2, 2)).string('graph');
  for (const initializer of graph.initializers ?? []) {
    message(writer, 5, (body) => {
      writeInitializer(body, initializer);
    });
  }
  for (const [field, values] of [[11, graph.inputs] as const, [12, graph.outputs] as const]) {
    for (const value of values) {
      message(writer, field, (body) => {
        writeValueInfo(body, value);
      });
    }
  }
}

function writeAttribute(writer: Writer, value: Attribute): void {
  const type = (number: number): Writer => writer.uint32(tag(20, 0)).int32(number);
  if (typeof value === 'number') type(2).uint32(tag(3, 0)).int64(value);
  else if (typeof value === 'string') type(3).uint32(tag(4, 2)).string(value);
  else if ('float' in value)
    type(1)
      .uint32((2 << 3) | 5)
      .float(value.float);
  else if ('tensor' in value) {
    message(type(4), 5, (tensor) => {
      writeInitializer(tensor, value.tensor);
    });
  } else {
    type(7);
    value.forEach((number) => writer.uint32(tag(8, 0)).int64(number));
  }
}

function writeInitializer(writer: Writer, initializer: Initializer): void {
  initializer.dimensions.forEach((size) => writer.uint32(tag(1, 0)).int64(size));
  writer.uint32(tag(2, 0)).int32(initializer.isInt64 === true ? INT64 : FLOAT);
  writer.uint32(tag(8, 2)).string(initializer.name);
  const { externalLocation } = initializer;
  if (externalLocation !== undefined) {
    message(writer, 13, (entry) => {
      entry.uint32(tag(1, 2)).string('location').uint32(tag(2, 2)).string(externalLocation);
    });
    writer.uint32(tag(14, 0)).int32(EXTERNAL);
    return;
  }
  const bytes =
    initializer.isInt64 === true
      ? BigInt64Array.from(initializer.values, BigInt)
      : Float32Array.from(initializer.values);
  writer.uint32(tag(9, 2)).bytes(new Uint8Array(bytes.buffer));
}

function writeValueInfo(writer: Writer, { name, dimensions }: ValueInfo): void {
  writer.uint32(tag(1, 2)).string(name);
  message(writer, 2, (type) => {
    message(type, 1, (tensor) => {
      tensor.uint32(tag(1, 0)).int32(FLOAT);
      if (dimensions === undefined) return;
      message(tensor, 2, (shape) => {
        for (const dimension of dimensions) {
          message(shape, 1, (body) => {
            if (typeof dimension === 'number') body.uint32(tag(1, 0)).int64(dimension);
            else body.uint32(tag(2, 2)).string(dimension);
          });
        }
      });
    });
  });
}

function message(writer: Writer, field: number, fill: Fill): void {
  writer.uint32(tag(field, 2)).fork();
  fill(writer);
  writer.ldelim();
}

function tag(field: number, wireType: 0 | 2): number {
  return (field << 3) | wireType;
}
