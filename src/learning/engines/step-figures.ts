import { stepReport } from '../step/step-arrays.js';
import type { TrainingStep } from '../step/step-definition.js';
import type { StepResults } from './compiled-gradients.js';
import type { StepReport } from '../step/training-engine.js';

/** The figures of the batches that one process has of a step, and of all processes' together. */
export class StepFigures {
  /** Sums since the last step. */
  private sums: readonly number[] | undefined;

  constructor(private readonly names: TrainingStep['figures']) {}

  /** Adds up the figures of a batch. */
  add(figures: readonly number[]): void {
    this.sums = figures.map((value, index) => value + (this.sums?.[index] ?? 0));
  }

  /** What this process adds to a step: sums of figures, then 1 where it had a batch, else 0. */
  take(): Float32Array {
    const { sums } = this;
    this.sums = undefined;
    return Float32Array.of(...(sums ?? this.names.map(() => 0)), sums === undefined ? 0 : 1);
  }

  /**
   * What a step tells.
   * @param sums of {@link take} over all processes @param norm of the mean gradient
   */
  report(
    sums: Float32Array,
    batchCount: number,
    norm: number,
  ): { readonly report: StepReport; readonly contributors: number } {
    const means = Array.from(sums.subarray(0, this.names.length), (sum) => sum / batchCount);
    const report = stepReport([...this.names, 'gradientNorm'], [...means, norm]);
    return { report, contributors: sums[this.names.length] ?? 0 };
  }
}

/** The figures of a batch in their order, without the gradient's norm. */
export function figuresIn(results: StepResults, names: TrainingStep['figures']): readonly number[] {
  return names.map((name) => results(name)[0] ?? Number.NaN);
}
