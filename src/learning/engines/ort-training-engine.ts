import type { TrainingBatch } from '../sampler/training-batch.js';
import type { TrainingSpec } from '../step/training-spec.js';
import { NO_ACCUMULATION } from '../step/accumulation.js';
import { gradientStep } from '../step/gradient-step.js';
import { arraysOfBatch, divergedValue, stepReport } from '../step/step-arrays.js';
import type { TrainingStep } from '../step/step-definition.js';
import type { Accumulation, StepReport, TrainingEngine, TrainingState } from '../step/training-engine.js';
import { ArrayGarbage } from './array-garbage.js';
import { divergence } from './divergence.js';
import { CompiledGradients, type StepResults } from './compiled-gradients.js';
import { HostState } from './host-state.js';
import type { ProcessGroup } from './process-group.js';
import { SharedStep } from './shared-step.js';
import type { OrtEngineOptions } from './ort-engine-options.js';

/** The gradients of a batch compiled to one ONNX graph, run by ONNX Runtime; sgd on the host. */
export class OrtTrainingEngine implements TrainingEngine {
  private readonly garbage = new ArrayGarbage();

  private constructor(
    private readonly compiled: CompiledGradients,
    private readonly definition: TrainingStep,
    private readonly hostState: HostState,
    private readonly shared: SharedStep | undefined,
  ) {}

  /**
   * Compiles the gradients and takes over a state, as a copy; that of process 0 where several train together.
   * @throws RangeError where the spec is not possible or the state does not fit it; Failure MODEL_INVALID where the
   *   runtime has not that provider or cannot load the graph; OUT_OF_MEMORY
   */
  static async start(
    spec: TrainingSpec,
    state: TrainingState,
    options: OrtEngineOptions,
    processes?: ProcessGroup,
  ): Promise<OrtTrainingEngine> {
    const { sampledClasses, classCount } = spec;
    const definition = gradientStep({ ...spec, classCount: sampledClasses ?? classCount });
    const hostState = new HostState(spec, state, definition);
    const compiled = await CompiledGradients.compile(`training-${spec.backbone.name}`, definition, options);
    const shared = processes && new SharedStep(processes, definition, hostState);
    await shared?.begin();
    return new OrtTrainingEngine(compiled, definition, hostState, shared);
  }

  async step(
    batch: TrainingBatch,
    learningRate: number,
    accumulation: Accumulation = NO_ACCUMULATION,
  ): Promise<StepReport> {
    // Those of the step before are of no use any more.
    this.garbage.add(this.hostState.gradientBytes);
    // What concerns sgd is no input of the graph.
    this.hostState.takeClasses(batch);
    const results = await this.compiled.run(this.hostState.tensors, arraysOfBatch(batch, 0));
    if (this.shared !== undefined) {
      if (accumulation.isLast) return this.stepTogether(this.shared, results, learningRate, accumulation);
      return this.shared.keep(results, accumulation);
    }
    const figures = this.hostState.figures(results, accumulation);
    const report = stepReport([...this.definition.figures, 'gradientNorm'], figures);
    const diverged = divergedValue(report);
    if (diverged !== undefined) throw divergence(diverged, report);
    this.hostState.advance(results, report.gradientNorm, learningRate, accumulation);
    return report;
  }

  async stepWithoutBatch(learningRate: number, accumulation: Accumulation): Promise<StepReport> {
    if (this.shared === undefined)
      throw new RangeError('a process that trains alone has a batch in every step');
    return this.stepTogether(this.shared, undefined, learningRate, accumulation);
  }

  /** What this process alone has summed up, or has of some classes, is no part of a state. */
  get savesBetweenSteps(): boolean {
    return this.shared !== undefined || this.hostState.classes !== undefined;
  }

  state(): Promise<TrainingState> {
    const { gradients, ...state } = this.hostState.state();
    return Promise.resolve(
      this.savesBetweenSteps || gradients === undefined ? state : { ...state, gradients },
    );
  }

  async close(): Promise<void> {
    await this.compiled.release();
  }

  private async stepTogether(
    shared: SharedStep,
    results: StepResults | undefined,
    learningRate: number,
    accumulation: Accumulation,
  ): Promise<StepReport> {
    await shared.agreeOnClasses(accumulation);
    const { report, advance } = await shared.together(results, accumulation);
    const diverged = divergedValue(report);
    // Every process comes to the same sums, so all of them throw.
    if (diverged !== undefined) throw divergence(diverged, report);
    advance(learningRate);
    return report;
  }
}
