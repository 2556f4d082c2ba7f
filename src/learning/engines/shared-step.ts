import type { Weights } from '../../core/models/weights.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { arraysOfBatch, divergedValue, stepReport } from '../step/step-arrays.js';
import type { TrainingStep } from '../step/step-definition.js';
import type { Accumulation, StepReport, TrainingState } from '../step/training-engine.js';
import { HEAD } from '../step/training-spec.js';
import type { CompiledGradients, StepResults } from './compiled-gradients.js';
import { divergence } from './divergence.js';
import type { EngineStep } from './engine-step.js';
import type { HostState } from './host-state.js';
import type { ProcessGroup } from './process-group.js';
import { SharedDescent } from './shared-descent.js';
import { figuresIn, StepFigures } from './step-figures.js';

/**
 * Steps of descent that several processes take together: each adds up the gradients of its own batches, all add up theirs
 * once a step, and take the same step then, on large arrays each a part of it ({@link SharedDescent}). Running statistics are averaged over the processes that had a batch.
 */
export class SharedStep implements EngineStep {
  /** What this process alone has summed up is no part of a state. */
  readonly savesBetweenSteps = true;
  private readonly figures: StepFigures;
  private readonly descent: SharedDescent;

  private constructor(
    private readonly processes: ProcessGroup,
    private readonly compiled: CompiledGradients,
    private readonly definition: TrainingStep,
    private readonly hostState: HostState,
  ) {
    this.figures = new StepFigures(definition.figures);
    const { sgd, parameters, classes } = hostState;
    // Momentum of a sampled head is put back among that of all classes in each step.
    const mayShare = (index: number): boolean => classes === undefined || parameters[index] !== HEAD;
    this.descent = new SharedDescent(processes, sgd, mayShare);
  }

  /** Takes over the whole state of process 0. */
  static async begin(
    processes: ProcessGroup,
    compiled: CompiledGradients,
    definition: TrainingStep,
    hostState: HostState,
  ): Promise<SharedStep> {
    await processes.share(hostState.all);
    return new SharedStep(processes, compiled, definition, hostState);
  }

  get hasSplitState(): boolean {
    return this.descent.isShared;
  }

  get garbageBytes(): number {
    return this.hostState.gradientBytes;
  }

  async step(batch: TrainingBatch, learningRate: number, accumulation: Accumulation): Promise<StepReport> {
    const { hostState, definition } = this;
    hostState.takeClasses(batch);
    const results = await this.compiled.run(hostState.tensors, arraysOfBatch(batch, 0));
    const figures = figuresIn(results, definition.figures);
    this.figures.add(figures);
    if (accumulation.isLast) return this.together(results, learningRate, accumulation);
    hostState.sgd.accumulate(hostState.gradientsIn(results));
    hostState.takeStatistics(hostState.statisticsIn(results));
    return stepReport(definition.figures, figures);
  }

  async stepWithoutBatch(learningRate: number, accumulation: Accumulation): Promise<StepReport> {
    return this.together(undefined, learningRate, accumulation);
  }

  async state(): Promise<TrainingState> {
    await this.descent.gatherMomentum();
    return this.hostState.stateBetweenSteps();
  }

  backboneWeights(): Promise<Weights> {
    return Promise.resolve(this.hostState.backboneWeights());
  }

  async close(): Promise<void> {
    await this.compiled.release();
  }

  /** @param results of this process's last batch of the step; undefined where it has none */
  private async together(
    results: StepResults | undefined,
    learningRate: number,
    accumulation: Accumulation,
  ): Promise<StepReport> {
    const { hostState, descent } = this;
    const { batchCount } = accumulation;
    await this.agreeOnClasses(accumulation);
    const gradients = results === undefined ? hostState.noGradients() : hostState.gradientsIn(results);
    if (results !== undefined) hostState.sgd.takeSums(gradients);
    const statistics = hostState.statisticsOf(results);
    const figures = this.figures.take();
    await descent.sum(gradients, [...statistics, figures]);
    const share = 1 / batchCount;
    const norm = await descent.norm(gradients, share);
    const { report, contributors } = this.figures.report(figures, batchCount, norm);
    // Every process comes to the same sums, so all of them throw.
    const diverged = divergedValue(report);
    if (diverged !== undefined) throw divergence(diverged, report);
    await descent.descend(gradients, { share, norm }, learningRate);
    hostState.putClassesBack();
    hostState.takeStatistics(statistics.map((sums) => sums.map((sum) => sum / contributors)));
    return report;
  }

  /** Tells those that have no batch in a step on which classes it is computed, where it is on some: the first one always has one. */
  private async agreeOnClasses({ batchCount }: Accumulation): Promise<void> {
    const { classes } = this.hostState;
    if (classes === undefined || batchCount >= this.processes.size) return;
    const shared = Float64Array.from(classes);
    await this.processes.share([shared]);
    this.hostState.takeClasses({ classes: Int32Array.from(shared) });
  }
}
