/** A parameter as the host holds it. All arrays are of one length and changed in place. */
export interface AdamParameter {
  readonly values: Float32Array;
  /** m, the running mean of the gradient */
  readonly means: Float32Array;
  /** v, the running mean of its square */
  readonly squares: Float32Array;
  /** λ */
  readonly decay: number;
}

export interface AdamOptions {
  /** β1 */
  readonly momentum: number;
  /** β2 */
  readonly squareMomentum: number;
  /** ε */
  readonly epsilon: number;
}

/** The defaults of Kingma and Ba, with β2 as for runs of a few thousand steps. */
const ADAM_DEFAULTS: AdamOptions = { momentum: 0.9, squareMomentum: 0.99, epsilon: 1e-8 };

/**
 * One step of Adam with decoupled weight decay, on arrays in the host's memory (Kingma and Ba, arXiv 1412.6980, Algorithm 1;
 * Loshchilov and Hutter, arXiv 1711.05101, Algorithm 2, its decay times the learning rate as in PyTorch's AdamW):
 * m ← β1 m + (1 - β1) g, v ← β2 v + (1 - β2) g², w ← w - η λ w - η (m / (1 - β1^t)) / (√(v / (1 - β2^t)) + ε).
 *
 * @param gradients one for each parameter
 * @param factor what gradients are multiplied by first: below 1 where they are clipped
 * @param step t, from 1
 */
export function adamStep(
  parameters: readonly AdamParameter[],
  gradients: readonly Float32Array[],
  {
    factor,
    step,
    learningRate,
  }: { readonly factor: number; readonly step: number; readonly learningRate: number },
  options: AdamOptions = ADAM_DEFAULTS,
): void {
  const meanCorrection = 1 / (1 - options.momentum ** step);
  const squareCorrection = 1 / (1 - options.squareMomentum ** step);
  for (const [place, parameter] of parameters.entries()) {
    const gradient = gradients[place];
    if (gradient?.length !== parameter.values.length)
      throw new RangeError('every parameter has a gradient of its size');
    const { values, means, squares, decay } = parameter;
    for (let index = 0; index < values.length; index++) {
      const g = factor * (gradient[index] ?? 0);
      const mean = options.momentum * (means[index] ?? 0) + (1 - options.momentum) * g;
      const square = options.squareMomentum * (squares[index] ?? 0) + (1 - options.squareMomentum) * g * g;
      means[index] = mean;
      squares[index] = square;
      const change = (mean * meanCorrection) / (Math.sqrt(square * squareCorrection) + options.epsilon);
      const value = values[index] ?? 0;
      values[index] = value - learningRate * (decay * value + change);
    }
  }
}
