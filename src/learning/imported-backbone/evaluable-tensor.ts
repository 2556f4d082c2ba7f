import { elementTypeOf, floatsOf, type Elements, type Tensor } from '../../onnx/tensor.js';

/** A tensor as tfjs computes with it. */
export interface EvaluableTensor extends Tensor {
  readonly elementType: EvaluableType;
  readonly elements: Float32Array | Int32Array | Uint8Array;
}

type EvaluableType = 'float32' | 'int32' | 'bool';

const [LEAST_INTEGER, LARGEST_INTEGER] = [-(2 ** 31), 2 ** 31 - 1];

/**
 * Half and double precision become single; integers are held to 32 bits, which only "up to the end" exceeds. Not copied
 * where nothing changes.
 */
export function evaluable({ elementType, dims, elements }: Tensor): EvaluableTensor {
  switch (elementType) {
    case 'float32':
    case 'float16':
    case 'float64':
      return { elementType: 'float32', dims, elements: floatsOf({ elementType, dims, elements }) };
    case 'bool':
      return { elementType: 'bool', dims, elements: Uint8Array.from(numbersOf(elements), booleanOf) };
    default:
      if (elements instanceof Int32Array) return { elementType: 'int32', dims, elements };
      return { elementType: 'int32', dims, elements: Int32Array.from(numbersOf(elements), heldInteger) };
  }
}

/** The element type that ONNX's number stands for, as graphs are evaluated with it; undefined for others. */
export function evaluableType(dataType: number): EvaluableType | undefined {
  const elementType = elementTypeOf(dataType);
  switch (elementType) {
    case 'float32':
    case 'float16':
    case 'float64':
      return 'float32';
    case 'int32':
    case 'int64':
      return 'int32';
    case 'bool':
      return 'bool';
    default:
      return undefined;
  }
}

/** Elements of any type as numbers. */
function* numbersOf(elements: Elements): Iterable<number> {
  for (const element of elements) yield Number(element);
}

function booleanOf(value: number): number {
  return Number(value !== 0);
}

function heldInteger(value: number): number {
  return Math.max(LEAST_INTEGER, Math.min(LARGEST_INTEGER, value));
}
