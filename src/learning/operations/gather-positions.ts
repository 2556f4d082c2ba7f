import * as tf from '@tensorflow/tfjs';

/**
 * The given positions along an axis. The gradient is a product with a matrix of zeros and ones; tfjs' own is a kernel
 * that ONNX has no operator for.
 */
export function gatherPositions(x: tf.Tensor, positions: readonly number[], axis: number): tf.Tensor {
  const gather = tf.customGrad((features) => {
    const { shape } = features as tf.Tensor;
    const value = tf.gather(features as tf.Tensor, tf.tensor1d([...positions], 'int32'), axis);
    return { value, gradFunc: (dy: tf.Tensor) => scattered(dy, positions, axis, shape) };
  });
  return gather(x);
}

/** Adds each slice of `dy` to the position that it was taken from. */
function scattered(
  dy: tf.Tensor,
  positions: readonly number[],
  axis: number,
  shape: readonly number[],
): tf.Tensor {
  const extent = shape[axis] ?? 0;
  const toEnd = [...shape.keys()].filter((other) => other !== axis).concat(axis);
  const back = toEnd.map((_, position) => toEnd.indexOf(position));
  const others = shape.toSpliced(axis, 1);
  const rows = tf.reshape(tf.transpose(dy, toEnd), [others.reduce((a, b) => a * b, 1), positions.length]);
  const taken = new Float32Array(positions.length * extent);
  positions.forEach((position, row) => (taken[row * extent + position] = 1));
  const product = tf.matMul(rows, tf.tensor2d(taken, [positions.length, extent]));
  return tf.transpose(tf.reshape(product, [...others, extent]), back);
}
