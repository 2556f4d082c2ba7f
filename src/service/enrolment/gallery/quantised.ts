import { l2Norm } from '../../../core/verification/similarity.js';

/** What whole numbers say of a vector's direction: `scale` times them is within `error` of it. */
export interface Quantisation {
  /** A float32. */
  readonly scale: number;
  /** At least the length of what is left of the vector at unit length, the direction less `scale` times the numbers. */
  readonly error: number;
}

/** Arithmetic in doubles, and errors that are kept as float32, are off by less. */
const roundingFactor = 1 + 1e-6;

/**
 * Writes the direction of a vector as whole numbers of at most `levels`.
 * @param numbers [D or more]; the first D are written
 * @returns an infinite error for a vector without direction
 */
export function quantise(
  vector: Float32Array,
  levels: number,
  numbers: Int8Array | Int16Array,
): Quantisation {
  const norm = l2Norm(vector);
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  const scale = Math.fround(largest / norm / levels);
  if (!(scale > 0) || !Number.isFinite(scale)) {
    numbers.fill(0, 0, vector.length);
    return { scale: 0, error: Infinity };
  }
  let squares = 0;
  for (const [index, value] of vector.entries()) {
    const direction = value / norm;
    const number = Math.max(-levels, Math.min(levels, Math.round(direction / scale)));
    numbers[index] = number;
    squares += (direction - scale * number) ** 2;
  }
  return { scale, error: Math.sqrt(squares) * roundingFactor };
}
