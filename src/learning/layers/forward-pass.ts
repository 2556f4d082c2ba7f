import type * as tf from '@tensorflow/tfjs';

/** Parameters and running statistics by name. */
export type Variables = Readonly<Record<string, tf.Tensor>>;

export interface ForwardMode {
  /**
   * `live` normalises by the batch's own statistics and averages them into the running ones (training);
   * `frozen` normalises by the running ones (serving, fine-tuning).
   */
  readonly normalisation: 'live' | 'frozen';
  /**
   * [B, height, width, channels] of the dropped layer's input: 1 / (1 - rate) where a feature is kept and 0 where it
   * is dropped, so that who draws it decides on the randomness. Absent: nothing is dropped.
   */
  readonly dropoutMask?: tf.Tensor4D;
  /** Whether blocks are evaluated once more on the way back, so that nothing of them is kept. Absent: no */
  readonly recompute?: boolean;
  /** [B] 1 for a sample that live statistics are of, at least one. Absent: they are of all, padding too. */
  readonly statisticsMask?: tf.Tensor1D;
  /** Whether live statistics are of the batches of all processes that train together. Absent: of this process's */
  readonly synchronised?: boolean;
}

/** One forward pass: where layers find their variables and leave the updated statistics. */
export class ForwardPass {
  readonly mode: ForwardMode;
  readonly #variables: Variables;
  readonly #updatedStatistics: Record<string, tf.Tensor> = {};

  constructor(variables: Variables, mode: ForwardMode) {
    this.#variables = variables;
    this.mode = mode;
  }

  /** @throws RangeError where the variable is missing */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- who wrote the specification knows the rank
  variable<T extends tf.Tensor = tf.Tensor>(name: string): T {
    const tensor = this.#variables[name];
    if (tensor === undefined) throw new RangeError(`the variables lack ${name}`);
    return tensor as T;
  }

  /** A pass over other values of some variables; its statistics are its own, and nothing in it is recomputed again. */
  within(replaced: Variables): ForwardPass {
    return new ForwardPass({ ...this.#variables, ...replaced }, { ...this.mode, recompute: false });
  }

  updateStatistic(name: string, value: tf.Tensor): void {
    this.#updatedStatistics[name] = value;
  }

  /** Running statistics after this pass; empty where they are frozen. */
  get updatedStatistics(): Variables {
    return this.#updatedStatistics;
  }
}
