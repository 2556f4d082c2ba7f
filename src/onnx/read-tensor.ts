import { Failure } from '../core/failure.js';
import { shown } from './graph.js';
import { EXTERNAL_LOCATION, type TENSOR } from './onnx-messages.js';
import {
  elementCount,
  elementsOfNumbers,
  elementsOfBytes,
  elementTypeOf,
  layoutOf,
  type ElementType,
  type Elements,
  type Tensor,
} from './tensor.js';
import type { Decoded } from './protobuf-messages.js';

type TensorMessage = Decoded<typeof TENSOR>;
const MAXIMUM_RANK = 8;

/** @throws Failure MODEL_INVALID for types unknown here, data in other files, and sizes that do not agree */
export function readTensor(message: TensorMessage): Tensor {
  const { name = '', dims = [], dataType = 0, externalData, dataLocation, segment } = message;
  if (externalData !== undefined || dataLocation === EXTERNAL_LOCATION)
    throw invalid(name, 'is kept in another file (ONNX external data); save the model as a single file');
  if (segment !== undefined && segment.length > 0) throw invalid(name, 'is stored in segments');
  const elementType = elementTypeOf(dataType);
  if (elementType === undefined)
    throw invalid(name, `has elements of ONNX's type ${dataType}, which are not supported`);
  const count = requireShape(name, dims);
  const elements = elementsOf(name, message, elementType);
  if (elements.length !== count)
    throw invalid(name, `of shape [${dims.join(', ')}] has ${elements.length} elements`);
  return { elementType, dims, elements };
}

function requireShape(name: string, dims: readonly number[]): number {
  if (dims.length > MAXIMUM_RANK) throw invalid(name, `has ${dims.length} axes`);
  if (dims.some((extent) => !(Number.isSafeInteger(extent) && extent >= 0)))
    throw invalid(name, 'has no valid shape');
  return elementCount(dims);
}

function elementsOf(name: string, message: TensorMessage, elementType: ElementType): Elements {
  const { rawData } = message;
  const { array, list } = layoutOf(elementType);
  if (rawData === undefined) return elementsOfNumbers(message[list] ?? [], elementType);
  const size = array.BYTES_PER_ELEMENT;
  if (rawData.length % size !== 0) throw invalid(name, `has ${rawData.length} bytes of elements of ${size}`);
  return elementsOfBytes(rawData, elementType);
}

function invalid(name: string, problem: string): Failure {
  const tensor = name === '' ? 'of an attribute' : shown(name);
  return new Failure('MODEL_INVALID', `the tensor ${tensor} ${problem}`);
}
