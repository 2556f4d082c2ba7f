import type { TrainingBatch } from '../sampler/training-batch.js';
import type { TrainingSpec } from '../step/training-spec.js';
import { NO_ACCUMULATION } from '../step/accumulation.js';
import { gradientStep } from '../step/gradient-step.js';
import { arraysOfBatch, divergedValue, stepReport } from '../step/step-arrays.js';
import type { TrainingStep } from '../step/step-definition.js';
import type { Accumulation, StepReport, TrainingEngine, TrainingState } from '../step/training-engine.js';
import { ArrayGarbage } from './array-garbage.js';
import { divergence } from './divergence.js';
import { CompiledGradients } from './compiled-gradients.js';
import { HostState } from './host-state.js';
import type { OrtEngineOptions } from './ort-engine-options.js';

/** The gradients of a batch compiled to one ONNX graph, run by ONNX Runtime; sgd on the host. */
export class OrtTrainingEngine implements TrainingEngine {
  private readonly garbage = new ArrayGarbage();

  private constructor(
    private readonly compiled: CompiledGradients,
    private readonly definition: TrainingStep,
    private readonly hostState: HostState,
  ) {}

  /**
   * Compiles the gradients and takes over a state, as a copy.
   * @throws RangeError where the spec is not possible or the state does not fit it; Failure MODEL_INVALID where the
   *   runtime has not that provider or cannot load the graph; OUT_OF_MEMORY
   */
  static async start(
    spec: TrainingSpec,
    state: TrainingState,
    options: OrtEngineOptions,
  ): Promise<OrtTrainingEngine> {
    const definition = gradientStep(spec);
    const hostState = new HostState(spec, state, definition);
    const compiled = await CompiledGradients.compile(`training-${spec.backbone.name}`, definition, options);
    return new OrtTrainingEngine(compiled, definition, hostState);
  }

  async step(
    batch: TrainingBatch,
    learningRate: number,
    accumulation: Accumulation = NO_ACCUMULATION,
  ): Promise<StepReport> {
    // Those of the step before are of no use any more.
    this.garbage.add(this.hostState.gradientBytes);
    // What concerns sgd is no input of the graph.
    const results = await this.compiled.run(this.hostState.tensors, arraysOfBatch(batch, 0));
    const figures = this.hostState.figures(results, accumulation);
    const report = stepReport([...this.definition.figures, 'gradientNorm'], figures);
    const diverged = divergedValue(report);
    if (diverged !== undefined) throw divergence(diverged, report);
    this.hostState.advance(results, report.gradientNorm, learningRate, accumulation);
    return report;
  }

  state(): Promise<TrainingState> {
    return Promise.resolve(this.hostState.state());
  }

  async close(): Promise<void> {
    await this.compiled.release();
  }
}
