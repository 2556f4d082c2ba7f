import * as tf from '@tensorflow/tfjs';

import { runOwnKernel } from './own-kernels.js';

/** src/compiler has a rule of this name. */
const ACROSS_PROCESSES = 'AcrossProcesses';

/**
 * What each of the processes that train together has come to, in the order of their ranks. Compiled, the graph is cut there, and what
 * runs it has the processes exchange their values; evaluated by tfjs itself there is one process. It has no gradient: the processes
 * exchange what gradients are made of as well.
 * @param own [K]
 * @returns [N, K] of N processes
 */
export function acrossProcesses(own: tf.Tensor1D): tf.Tensor2D {
  return runOwnKernel(
    ACROSS_PROCESSES,
    ({ x }) => {
      if (x === undefined) throw new RangeError(`${ACROSS_PROCESSES} takes x`);
      return tf.expandDims(x, 0);
    },
    { x: own },
  ) as tf.Tensor2D;
}
