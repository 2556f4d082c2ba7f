import { Failure } from '../core/failure.js';
import { shown, type GraphConstant } from './onnx-graph.js';
import { floatOfHalf } from '../core/models/half-precision.js';
import { readMessage } from './message-fields.js';

/** How a type's elements are laid out: raw, and in which typed field they are otherwise. */
interface ElementLayout {
  readonly elementType: GraphConstant['elementType'];
  readonly bytes: number;
  readonly read: (view: DataView, offset: number) => number;
  readonly field: 'floats' | 'integers' | 'longs' | 'doubles';
  /** Value of a number in the typed field, where it is not the number itself. */
  readonly ofField?: (number: number) => number;
}

/** By the numbers of TensorProto.DataType: float, uint8, int8, int32, int64, bool, float16, double. */
const LAYOUTS: Readonly<Record<number, ElementLayout>> = {
  1: {
    elementType: 'float32',
    bytes: 4,
    read: (view, offset) => view.getFloat32(offset, true),
    field: 'floats',
  },
  2: { elementType: 'int32', bytes: 1, read: (view, offset) => view.getUint8(offset), field: 'integers' },
  3: { elementType: 'int32', bytes: 1, read: (view, offset) => view.getInt8(offset), field: 'integers' },
  6: {
    elementType: 'int32',
    bytes: 4,
    read: (view, offset) => view.getInt32(offset, true),
    field: 'integers',
  },
  7: {
    elementType: 'int32',
    bytes: 8,
    read: (view, offset) => clampedInteger(Number(view.getBigInt64(offset, true))),
    field: 'longs',
    ofField: clampedInteger,
  },
  9: {
    elementType: 'bool',
    bytes: 1,
    read: (view, offset) => Number(view.getUint8(offset) !== 0),
    field: 'integers',
  },
  10: {
    elementType: 'float32',
    bytes: 2,
    read: (view, offset) => floatOfHalf(view.getUint16(offset, true)),
    field: 'integers',
    ofField: (bits) => floatOfHalf(bits & 0xffff),
  },
  11: {
    elementType: 'float32',
    bytes: 8,
    read: (view, offset) => view.getFloat64(offset, true),
    field: 'doubles',
  },
};

const MAXIMUM_RANK = 8;
const DATA_LOCATION_EXTERNAL = 1;

export interface NamedTensor {
  readonly name: string;
  readonly constant: GraphConstant;
}

/**
 * Reads a TensorProto. Half and double precision become single; 64-bit integers are held to 32 bits, which only
 * "up to the end" exceeds.
 * @throws Failure MODEL_INVALID for other types, data in other files, and sizes that do not agree
 */
export function readTensor(bytes: Uint8Array): NamedTensor {
  const shape: number[] = [];
  const lists = {
    floats: [] as number[],
    integers: [] as number[],
    longs: [] as number[],
    doubles: [] as number[],
  };
  let [name, dataType, isExternal, isSegment] = ['', 0, false, false];
  let raw: Uint8Array | undefined;
  readMessage(bytes, {
    1: (field) => {
      field.integersTo(shape);
    },
    2: (field) => {
      dataType = field.integer();
    },
    3: (field) => {
      isSegment = field.bytes().length > 0;
    },
    4: (field) => {
      field.floatsTo(lists.floats);
    },
    5: (field) => {
      field.integersTo(lists.integers);
    },
    7: (field) => {
      field.integersTo(lists.longs);
    },
    8: (field) => {
      name = field.text();
    },
    9: (field) => {
      raw = field.bytes();
    },
    10: (field) => {
      field.doublesTo(lists.doubles);
    },
    13: (field) => {
      field.bytes();
      isExternal = true;
    },
    14: (field) => {
      const location = field.integer();
      isExternal ||= location === DATA_LOCATION_EXTERNAL;
    },
  });
  if (isExternal)
    throw invalid(name, 'is kept in another file (ONNX external data); save the model as a single file');
  if (isSegment) throw invalid(name, 'is stored in segments');
  const layout = LAYOUTS[dataType];
  if (layout === undefined)
    throw invalid(name, `has elements of ONNX's type ${dataType}, which cannot be trained with`);
  const count = elementCount(name, shape);
  const values = raw === undefined ? listedValues(lists[layout.field], layout) : rawValues(name, raw, layout);
  if (values.length !== count)
    throw invalid(name, `of shape [${shape.join(', ')}] has ${values.length} elements`);
  return { name, constant: { shape, elementType: layout.elementType, values } };
}

function elementCount(name: string, shape: readonly number[]): number {
  if (shape.length > MAXIMUM_RANK) throw invalid(name, `has ${shape.length} axes`);
  if (shape.some((extent) => !(Number.isSafeInteger(extent) && extent >= 0)))
    throw invalid(name, 'has no valid shape');
  return shape.reduce((product, extent) => product * extent, 1);
}

function rawValues(
  name: string,
  raw: Uint8Array,
  { elementType, bytes, read }: ElementLayout,
): GraphConstant['values'] {
  if (raw.length % bytes !== 0) throw invalid(name, `has ${raw.length} bytes of elements of ${bytes}`);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const values = emptyValues(elementType, raw.length / bytes);
  for (let index = 0; index < values.length; index++) values[index] = read(view, index * bytes);
  return values;
}

function listedValues(
  list: readonly number[],
  { elementType, ofField }: ElementLayout,
): GraphConstant['values'] {
  const values = emptyValues(elementType, list.length);
  list.forEach((number, index) => {
    values[index] = ofField === undefined ? number : ofField(number);
  });
  return values;
}

function emptyValues(elementType: GraphConstant['elementType'], length: number): GraphConstant['values'] {
  if (elementType === 'float32') return new Float32Array(length);
  return elementType === 'int32' ? new Int32Array(length) : new Uint8Array(length);
}

function clampedInteger(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value));
}

function invalid(name: string, problem: string): Failure {
  return new Failure(
    'MODEL_INVALID',
    `the tensor ${name === '' ? 'of an attribute' : shown(name)} ${problem}`,
  );
}
