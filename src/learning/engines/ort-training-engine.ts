import type { Weights } from '../../core/models/weights.js';
import { NO_ACCUMULATION } from '../step/accumulation.js';
import { gradientStep } from '../step/gradient-step.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import type { TrainingStep } from '../step/step-definition.js';
import { changingStatistics, type TrainingSpec } from '../step/training-spec.js';
import type { Accumulation, StepReport, TrainingEngine, TrainingState } from '../step/training-engine.js';
import { ArrayGarbage } from './array-garbage.js';
import { CompiledGradients } from './compiled-gradients.js';
import type { EngineStep } from './engine-step.js';
import { HostState } from './host-state.js';
import type { OrtEngineOptions } from './ort-engine-options.js';
import type { ProcessGroup } from './process-group.js';
import { SharedStep } from './shared-step.js';
import { SingleStep } from './single-step.js';
import { SplitHeadStep } from './split-head-step.js';

/** The gradients of a batch compiled to ONNX graphs, run by ONNX Runtime; sgd on the host. */
export class OrtTrainingEngine implements TrainingEngine {
  private readonly garbage = new ArrayGarbage();

  private constructor(private readonly taken: EngineStep) {}

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
    if (processes !== undefined && spec.splitHead === true)
      return new OrtTrainingEngine(await SplitHeadStep.begin(processes, spec, state, options));
    const hostState = new HostState(spec, state);
    const name = `training-${spec.backbone.name}`;
    const definition = definitionOf(spec, processes);
    if (processes === undefined)
      return new OrtTrainingEngine(
        new SingleStep(await CompiledGradients.compile(name, definition, options), definition, hostState),
      );
    if (spec.synchronisedNorms !== true) {
      const compiled = await CompiledGradients.compile(name, definition, options);
      return new OrtTrainingEngine(await SharedStep.begin(processes, compiled, definition, hostState));
    }
    requireHost(options);
    const compiled = await CompiledGradients.compileTogether(name, definition, options, processes);
    const synchronised = changingStatistics(spec).map((statistic) => statistic.name);
    return new OrtTrainingEngine(
      await SharedStep.begin(processes, compiled, definition, hostState, synchronised),
    );
  }

  async step(
    batch: TrainingBatch,
    learningRate: number,
    accumulation: Accumulation = NO_ACCUMULATION,
  ): Promise<StepReport> {
    // Those of the step before are of no use any more.
    this.garbage.add(this.taken.garbageBytes);
    return this.taken.step(batch, learningRate, accumulation);
  }

  async stepWithoutBatch(learningRate: number, accumulation: Accumulation): Promise<StepReport> {
    return this.taken.stepWithoutBatch(learningRate, accumulation);
  }

  get savesBetweenSteps(): boolean {
    return this.taken.savesBetweenSteps;
  }

  get hasSplitState(): boolean {
    return this.taken.hasSplitState;
  }

  async state(): Promise<TrainingState> {
    return this.taken.state();
  }

  async backboneWeights(): Promise<Weights> {
    return this.taken.backboneWeights();
  }

  async close(): Promise<void> {
    await this.taken.close();
  }
}

/** Of one process, whose batch is that of all, norms are synchronised without an exchange. */
function definitionOf(spec: TrainingSpec, processes: ProcessGroup | undefined): TrainingStep {
  const { sampledClasses, classCount, synchronisedNorms = false } = spec;
  return gradientStep({
    ...spec,
    classCount: sampledClasses ?? classCount,
    synchronisedNorms: synchronisedNorms && processes !== undefined,
  });
}

/** @throws RangeError where what is kept between the exchanges of a step would go to a GPU and back */
function requireHost({ provider }: OrtEngineOptions): void {
  if (provider === 'cpu') return;
  throw new RangeError(
    `backbone.normalisation: synchronised: several processes synchronise norms on the CPU only, not by ${provider}: leave out --provider, or take normalisation: live with larger batches`,
  );
}
