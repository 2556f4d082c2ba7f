import { CLIP_EPSILON } from './sgd.js';
import type { SgdOptions } from './training-spec.js';

/** A parameter as the host holds it. All arrays are of one length. */
export interface SgdParameter {
  /** w; changed in place */
  readonly values: Float32Array;
  /** v; changed in place */
  readonly velocities: Float32Array;
  /** λ */
  readonly decay: number;
  /** Sums of gradients of the batches before, where a step has several; changed in place */
  readonly sums?: Float32Array;
}

/** A part of the array at an index. */
export interface ArrayPart {
  readonly index: number;
  readonly start: number;
  /** Behind its last number */
  readonly end: number;
}

/**
 * PyTorch's SGD as `sgdStep` has it, on arrays in the host's memory and in place. A graph that computed it would have to
 * write the weights and their momentum anew in each step, and ONNX Runtime's binding copies all that comes out of a graph:
 * of a large network that was a twentieth of the time and a tenth of the memory (docs/results/training-speed.md).
 */
export class HostSgd {
  constructor(
    readonly arrays: readonly SgdParameter[],
    private readonly options: Pick<SgdOptions, 'momentum' | 'gradientClipNorm'>,
  ) {}

  /** The same on parts of the arrays, which stay these arrays' own; sums are not among it. */
  ofParts(parts: readonly ArrayPart[]): HostSgd {
    const taken = parts.flatMap(({ index, start, end }) => {
      const array = this.arrays[index];
      if (array === undefined) return [];
      const { values, velocities, decay } = array;
      return [{ values: values.subarray(start, end), velocities: velocities.subarray(start, end), decay }];
    });
    return new HostSgd(taken, this.options);
  }

  /**
   * Euclidean norm of the mean gradient of a step's batches so far; nothing is changed.
   * @param gradients of the newest batch, one for each array
   * @param share 1 / batches of the step
   */
  norm(gradients: readonly Float32Array[], share: number): number {
    let squares = 0;
    for (const [index, { sums }] of this.arrays.entries()) {
      const gradient = gradientAt(gradients, index);
      squares += sums === undefined ? squaresOf(gradient) : squaresOfSums(sums, gradient);
    }
    return Math.sqrt(squares) * share;
  }

  /** Keeps the gradients of a batch that is not the step's last. */
  accumulate(gradients: readonly Float32Array[]): void {
    for (const [index, { sums }] of this.arrays.entries())
      if (sums !== undefined) addTo(sums, gradientAt(gradients, index));
  }

  /** Moves the gradients that are kept into those of the newest batch. */
  takeSums(gradients: readonly Float32Array[]): void {
    for (const [index, { sums }] of this.arrays.entries()) {
      if (sums === undefined) continue;
      addTo(gradientAt(gradients, index), sums);
      sums.fill(0);
    }
  }

  /** One step with the gradients kept and those of its last batch. @param norm as {@link norm} tells it */
  sgdStep(gradients: readonly Float32Array[], share: number, norm: number, learningRate: number): void {
    const { momentum, gradientClipNorm } = this.options;
    const clip = gradientClipNorm === undefined ? 1 : Math.min(1, gradientClipNorm / (norm + CLIP_EPSILON));
    this.takeSums(gradients);
    for (const [index, array] of this.arrays.entries()) {
      updateParameter(array, gradientAt(gradients, index), clip * share, momentum, learningRate);
    }
  }
}

function gradientAt(gradients: readonly Float32Array[], index: number): Float32Array {
  const gradient = gradients[index];
  if (gradient === undefined) throw new RangeError('every parameter has a gradient');
  return gradient;
}

/** The hot path: one pass over what is in memory. */
function updateParameter(
  { values, velocities, decay }: SgdParameter,
  gradient: Float32Array,
  factor: number,
  momentum: number,
  learningRate: number,
): void {
  const { length } = values;
  for (let index = 0; index < length; index++) {
    const value = values[index] ?? 0;
    // v ← μv + g + λw, w ← w - ηv
    const velocity = momentum * (velocities[index] ?? 0) + factor * (gradient[index] ?? 0) + decay * value;
    velocities[index] = velocity;
    values[index] = value - learningRate * velocity;
  }
}

function addTo(sums: Float32Array, gradient: Float32Array): void {
  for (let index = 0; index < sums.length; index++) sums[index] = (sums[index] ?? 0) + (gradient[index] ?? 0);
}

/** Σ g² */
export function squaresOf(gradient: Float32Array): number {
  let squares = 0;
  // An iterator takes five times as long: 300 ms of a step of IR-50.
  // eslint-disable-next-line @typescript-eslint/prefer-for-of
  for (let index = 0; index < gradient.length; index++) {
    const value = gradient[index] ?? 0;
    squares += value * value;
  }
  return squares;
}

function squaresOfSums(sums: Float32Array, gradient: Float32Array): number {
  let squares = 0;
  for (let index = 0; index < sums.length; index++) {
    const sum = (sums[index] ?? 0) + (gradient[index] ?? 0);
    squares += sum * sum;
  }
  return squares;
}
