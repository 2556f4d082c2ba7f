import type { Weights } from '../../core/models/weights.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { arraysOfBatch, divergedValue, stepReport } from '../step/step-arrays.js';
import type { TrainingStep } from '../step/step-definition.js';
import type { Accumulation, StepReport, TrainingState } from '../step/training-engine.js';
import type { CompiledGradients } from './compiled-gradients.js';
import { divergence } from './divergence.js';
import type { EngineStep } from './engine-step.js';
import type { HostState } from './host-state.js';
import { figuresIn } from './step-figures.js';

/** Steps of a process that trains alone. */
export class SingleStep implements EngineStep {
  readonly hasSplitState = false;

  constructor(
    private readonly compiled: CompiledGradients,
    private readonly definition: TrainingStep,
    private readonly hostState: HostState,
  ) {}

  get garbageBytes(): number {
    return this.hostState.gradientBytes;
  }

  /** What is summed up of some classes is no part of a state. */
  get savesBetweenSteps(): boolean {
    return this.hostState.classes !== undefined;
  }

  async step(batch: TrainingBatch, learningRate: number, accumulation: Accumulation): Promise<StepReport> {
    const { hostState, definition } = this;
    hostState.takeClasses(batch);
    // What concerns sgd is no input of the graph.
    const results = await this.compiled.run(hostState.tensors, arraysOfBatch(batch, 0));
    const gradients = hostState.gradientsIn(results);
    const { batchCount, isLast } = accumulation;
    const norm = hostState.sgd.norm(gradients, 1 / batchCount);
    const report = stepReport(
      [...definition.figures, 'gradientNorm'],
      [...figuresIn(results, definition.figures), norm],
    );
    const diverged = divergedValue(report);
    if (diverged !== undefined) throw divergence(diverged, report);
    if (isLast) hostState.descend(gradients, { batchCount, norm }, learningRate);
    else hostState.sgd.accumulate(gradients);
    hostState.takeStatistics(hostState.statisticsIn(results));
    return report;
  }

  stepWithoutBatch(): Promise<StepReport> {
    throw new RangeError('a process that trains alone has a batch in every step');
  }

  state(): Promise<TrainingState> {
    const { hostState } = this;
    return Promise.resolve(this.savesBetweenSteps ? hostState.stateBetweenSteps() : hostState.state());
  }

  backboneWeights(): Promise<Weights> {
    return Promise.resolve(this.hostState.backboneWeights());
  }

  async close(): Promise<void> {
    await this.compiled.release();
  }
}
