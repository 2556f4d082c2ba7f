import * as tf from '@tensorflow/tfjs';

import type { ForwardPass, Variables } from './forward-pass.js';
import type { Layer, LayerDefinition } from './layer.js';

/**
 * A layer of which, where the pass says `recompute`, nothing is kept for the way back but its input: there it is evaluated once more
 * (gradient checkpointing: Chen et al. 2016, arXiv 1604.06174). The gradients are the same numbers. They are taken within others, so that
 * {@link withNestedGradients} must be around all of it.
 */
export function recomputed(define: LayerDefinition): LayerDefinition {
  return (name, input) => {
    const layer = define(name, input);
    return {
      ...layer,
      forward: (x, pass) =>
        pass.mode.recompute === true ? forgetting(layer, x, pass) : layer.forward(x, pass),
    };
  };
}

/**
 * Evaluates what takes gradients of functions within which others are taken. tfjs forgets its tape behind the outermost ones, and
 * these are to be inside of some that are still being taken.
 *
 * @param compute its tensors are to be disposed of by whoever asked
 */
export function withNestedGradients<Result extends Readonly<Record<string, readonly tf.Tensor[]>>>(
  compute: () => Result,
): Result {
  let result: Result | undefined;
  const holdTape = (): tf.Scalar => {
    result = compute();
    for (const tensor of Object.values(result).flat()) tf.keep(tensor);
    return tf.scalar(0);
  };
  tf.engine().gradients(holdTape, [tf.scalar(0)], undefined, true);
  if (result === undefined) throw new RangeError('nothing was computed');
  return result;
}

function forgetting(layer: Layer, x: tf.Tensor4D, pass: ForwardPass): tf.Tensor4D {
  const names = layer.parameters.map(({ name }) => name);
  const evaluate = (input: tf.Tensor, parameters: readonly tf.Tensor[]): Evaluated => {
    const own = Object.fromEntries(names.map((name, index) => [name, parameters[index]]));
    const inner = pass.within(own as Variables);
    return { output: layer.forward(input as tf.Tensor4D, inner), statistics: inner.updatedStatistics };
  };
  const forget = tf.customGrad((...given) => {
    const [input, ...parameters] = given.slice(0, -1) as [tf.Tensor, ...tf.Tensor[]];
    (given.at(-1) as tf.GradSaveFunc)([input, ...parameters]);
    const { output, statistics } = evaluate(input, parameters);
    // tfjs disposes of what else comes out of a function with a gradient of its own.
    for (const [name, value] of Object.entries(statistics)) pass.updateStatistic(name, tf.keep(value));
    return {
      value: output,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [kept, ...values] = saved as [tf.Tensor, ...tf.Tensor[]];
        const late = onceThereIs(dy, kept);
        const { grads } = tf
          .engine()
          .gradients(() => evaluate(late, values).output, [late, ...values], dy, true);
        return [late, ...values].map((tensor, index) => grads[index] ?? tf.zerosLike(tensor));
      },
    };
  });
  return forget(x, ...names.map((name) => pass.variable(name)));
}

/** What a layer comes to. */
interface Evaluated {
  readonly output: tf.Tensor4D;
  readonly statistics: Variables;
}

/**
 * The same numbers, which wait for the gradient: what is computed from them would else be the same as what was computed on the way there,
 * and a compiler would keep that instead.
 *
 * @param dy [B, height, width, channels] @param x [B, height, width, channels]
 */
function onceThereIs(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const one = tf.slice(dy, [0, 0, 0, 0], [1, 1, 1, 1]);
  return tf.add(x, tf.mul(one, 0));
}
