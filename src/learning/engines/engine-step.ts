import type { Weights } from '../../core/models/weights.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import type { Accumulation, StepReport, TrainingState } from '../step/training-engine.js';

/** How the steps of an engine are taken: by one process, by several, or by several that have a part of the head each. */
export interface EngineStep {
  /** Bytes of the arrays that a batch makes and nobody needs after the step. */
  readonly garbageBytes: number;
  /** As `TrainingEngine.savesBetweenSteps` */
  readonly savesBetweenSteps: boolean;
  /** As `TrainingEngine.hasSplitState` */
  readonly hasSplitState: boolean;
  /** As `TrainingEngine.step` */
  step(batch: TrainingBatch, learningRate: number, accumulation: Accumulation): Promise<StepReport>;
  /** As `TrainingEngine.stepWithoutBatch` */
  stepWithoutBatch(learningRate: number, accumulation: Accumulation): Promise<StepReport>;
  /** As `TrainingEngine.state` */
  state(): Promise<TrainingState>;
  /** As `TrainingEngine.backboneWeights` */
  backboneWeights(): Promise<Weights>;
  close(): Promise<void>;
}
