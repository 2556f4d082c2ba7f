import type { Weights } from '../../core/models/weights.js';
import { backboneWeightsOfEngine } from '../../learning/step/training-spec.js';
import type { TrainingBatch } from '../../learning/sampler/training-batch.js';
import type {
  Accumulation,
  PlannedBatch,
  StepReport,
  TrainingEngine,
  TrainingState,
} from '../../learning/step/training-engine.js';

/**
 * Starts an engine at a state.
 * @param trainedLayers the share of the network's layers that it trains, counted from the end
 * @throws Failure INVALID_ARGUMENT, MODEL_INVALID, OUT_OF_MEMORY
 */
export type StartEngine = (trainedLayers: number, state: TrainingState) => Promise<TrainingEngine>;

/** The engine of a run, in place of which another one comes where other layers are trained. */
export class RunEngine implements TrainingEngine {
  private constructor(
    private readonly startEngine: StartEngine,
    private engine: TrainingEngine,
    private trainedLayers: number,
  ) {}

  /** @param state where it begins; it is not kept @throws as {@link StartEngine} */
  static async start(
    startEngine: StartEngine,
    trainedLayers: number,
    state: () => Promise<TrainingState>,
  ): Promise<RunEngine> {
    return new RunEngine(startEngine, await startEngine(trainedLayers, await state()), trainedLayers);
  }

  /** Goes on from the same state with so many of the layers. @throws as {@link StartEngine} */
  async train(trainedLayers: number): Promise<void> {
    if (trainedLayers === this.trainedLayers) return;
    const state = await this.engine.state();
    await this.engine.close();
    this.engine = await this.startEngine(trainedLayers, state);
    this.trainedLayers = trainedLayers;
  }

  /** Another one beside it, for what is not to change this one's state. */
  async apart(trainedLayers: number, state: TrainingState): Promise<TrainingEngine> {
    return this.startEngine(trainedLayers, state);
  }

  async step(batch: TrainingBatch, learningRate: number, accumulation?: Accumulation): Promise<StepReport> {
    return this.engine.step(batch, learningRate, accumulation);
  }

  async steps(batches: readonly PlannedBatch[]): Promise<readonly StepReport[]> {
    if (this.engine.steps === undefined) throw new RangeError('this engine is given one batch at once');
    return this.engine.steps(batches);
  }

  get batchesPerRun(): number {
    return this.engine.batchesPerRun ?? 1;
  }

  async stepWithoutBatch(learningRate: number, accumulation: Accumulation): Promise<StepReport> {
    if (this.engine.stepWithoutBatch === undefined)
      throw new RangeError('this engine trains in one process only');
    return this.engine.stepWithoutBatch(learningRate, accumulation);
  }

  get savesBetweenSteps(): boolean {
    return this.engine.savesBetweenSteps === true;
  }

  get hasSplitState(): boolean {
    return this.engine.hasSplitState === true;
  }

  async backboneWeights(): Promise<Weights> {
    return backboneWeightsOfEngine(this.engine);
  }

  async state(): Promise<TrainingState> {
    return this.engine.state();
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}
