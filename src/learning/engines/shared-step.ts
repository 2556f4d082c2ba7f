import { stepReport } from '../step/step-arrays.js';
import type { TrainingStep } from '../step/step-definition.js';
import type { Accumulation, StepReport } from '../step/training-engine.js';
import type { StepResults } from './compiled-gradients.js';
import type { HostState } from './host-state.js';
import type { ProcessGroup } from './process-group.js';

/**
 * Steps of descent that several processes take together: each adds up the gradients of its own batches, all add up theirs
 * once a step, and each takes the same step then. Running statistics are averaged over the processes that had a batch.
 */
export class SharedStep {
  /** Sums of the figures of this process's batches since the last step. */
  private figures: readonly number[] | undefined;

  constructor(
    private readonly processes: ProcessGroup,
    private readonly definition: TrainingStep,
    private readonly hostState: HostState,
  ) {}

  /** Takes over the whole state of process 0. */
  async begin(): Promise<void> {
    await this.processes.share(this.hostState.all);
  }

  /** Tells those that have no batch in a step on which classes it is computed, where it is on some: the first one always has one. */
  async agreeOnClasses({ batchCount }: Accumulation): Promise<void> {
    const { classes } = this.hostState;
    if (classes === undefined || batchCount >= this.processes.size) return;
    const shared = Float64Array.from(classes);
    await this.processes.share([shared]);
    this.hostState.takeClasses({ classes: Int32Array.from(shared) });
  }

  /** Keeps what a batch came to that is not this process's last one of the step. */
  keep(results: StepResults, accumulation: Accumulation): StepReport {
    const told = this.count(results);
    this.hostState.advance(results, Number.NaN, 0, accumulation);
    return stepReport(this.definition.figures, told);
  }

  /**
   * What the step comes to, over all batches of all processes. Nothing is changed but what is summed up.
   * @param results of this process's last batch of the step; undefined where it has none
   */
  async together(results: StepResults | undefined, { batchCount }: Accumulation) {
    if (results !== undefined) this.count(results);
    const contribution = this.hostState.contribution(results);
    const none = this.definition.figures.map(() => 0);
    const figures = Float32Array.of(...(this.figures ?? none), this.figures === undefined ? 0 : 1);
    this.figures = undefined;
    await this.processes.sum([...contribution.gradients, ...contribution.statistics, figures]);
    const norm = this.hostState.norm(contribution.gradients, batchCount);
    const means = Array.from(figures.subarray(0, -1), (sum) => sum / batchCount);
    const report = stepReport([...this.definition.figures, 'gradientNorm'], [...means, norm]);
    const contributors = figures.at(-1) ?? 0;
    return {
      report,
      advance: (learningRate: number) => {
        this.hostState.advanceTogether(contribution, { batchCount, contributors, norm }, learningRate);
      },
    };
  }

  /** Adds up the figures of a batch. @returns its own */
  private count(results: StepResults): readonly number[] {
    const told = this.hostState.told(results);
    this.figures = told.map((value, index) => value + (this.figures?.[index] ?? 0));
    return told;
  }
}
