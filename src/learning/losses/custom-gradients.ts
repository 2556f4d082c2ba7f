import * as tf from '@tensorflow/tfjs';

/**
 * The result of `compute` as a constant: no gradient flows through it. It also keeps comparisons off the gradient's
 * path, for which tfjs has no gradient and throws.
 */
export function withoutGradient<T extends tf.Tensor>(compute: () => T): T {
  // A custom operation without inputs: tfjs records nothing of what happens inside.
  return tf.customGrad<T>(() => ({ value: compute(), gradFunc: () => [] }))();
}

/** A function of one tensor and its gradient in closed form. */
export interface DifferentiableFunction<T extends tf.Tensor> {
  /** Computes the value; what `backward` needs is to be given to `save`, anything else may be disposed of before. */
  readonly forward: (x: T, save: (tensors: tf.Tensor[]) => void) => T;
  /** The gradient with respect to x from that with respect to the value. */
  readonly backward: (gradient: T, saved: readonly tf.Tensor[]) => T;
}

export function withGradient<T extends tf.Tensor>(x: T, { forward, backward }: DifferentiableFunction<T>): T {
  const operation = tf.customGrad<T>((...inputs) => {
    // tfjs passes the operands and then the function that saves tensors, and types both as either.
    const [operand, save] = inputs as unknown as [T, (tensors: tf.Tensor[]) => void];
    return { value: forward(operand, save), gradFunc: backward };
  });
  return operation(x);
}
