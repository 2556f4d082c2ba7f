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
 * once a step, and take the same step then, on large arrays each a part of it ({@link SharedDescent}). Running statistics are averaged over the processes that had a batch;
 * those of synchronised norms are the same in all of them.
 */
export class SharedStep implements EngineStep {
  /** What this process alone has summed up is no part of a state. */
  readonly savesBetweenSteps = true;
  private readonly figures: StepFigures;
  private readonly descent: SharedDescent;
  /** Batches of the step that goes on which this process has computed, or waited for. */
  private rounds = 0;

  private constructor(
    private readonly processes: ProcessGroup,
    private readonly compiled: CompiledGradients,
    private readonly definition: TrainingStep,
    private readonly hostState: HostState,
    private readonly synchronised: ReadonlySet<string>,
  ) {
    this.figures = new StepFigures(definition.figures);
    const { sgd, parameters, classes } = hostState;
    // Momentum of a sampled head is put back among that of all classes in each step.
    const mayShare = (index: number): boolean => classes === undefined || parameters[index] !== HEAD;
    this.descent = new SharedDescent(processes, sgd, mayShare);
  }

  /**
   * Takes over the whole state of process 0.
   * @param synchronised names of running statistics that are of all processes' batches as they come out of the graph
   */
  static async begin(
    processes: ProcessGroup,
    compiled: CompiledGradients,
    definition: TrainingStep,
    hostState: HostState,
    synchronised: readonly string[] = [],
  ): Promise<SharedStep> {
    await processes.share(hostState.all);
    return new SharedStep(processes, compiled, definition, hostState, new Set(synchronised));
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
    this.rounds++;
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
    await this.waitForOthers(accumulation);
    await this.agreeOnClasses(accumulation);
    const gradients = results === undefined ? hostState.noGradients() : hostState.gradientsIn(results);
    if (results !== undefined) hostState.sgd.takeSums(gradients);
    const statistics = this.statisticsToSum(results);
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
    hostState.takeStatistics(
      statistics.map((sums, index) => (this.isOfAll(index) ? sums : sums.map((sum) => sum / contributors))),
    );
    return report;
  }

  /** Takes part in the batches of the step that others have and this process has not. */
  private async waitForOthers({ batchCount }: Accumulation): Promise<void> {
    const rounds = Math.ceil(batchCount / this.processes.size);
    for (; this.rounds < rounds; this.rounds++) await this.compiled.runWithoutBatch();
    this.rounds = 0;
  }

  /** Those that are of all processes' batches are taken from the first one, which has a batch of each round. */
  private statisticsToSum(results: StepResults | undefined): readonly Float32Array[] {
    const isFirst = this.processes.rank === 0;
    return this.hostState
      .statisticsOf(results)
      .map((values, index) => (this.isOfAll(index) && !isFirst ? new Float32Array(values.length) : values));
  }

  private isOfAll(statistic: number): boolean {
    return this.synchronised.has(this.hostState.statistics[statistic] ?? '');
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
