import type { TrainingBatch } from '../data/training-batch.js';
import { learningRateAt, type LearningRateSchedule } from './learning-rate.js';
import type { StepReport, TrainingEngine, TrainingState } from './training-engine.js';

/** How far a run has come. */
export interface TrainingPlace {
  /** The epoch that goes on, from 0. */
  readonly epoch: number;
  /** Batches of that epoch that are done. */
  readonly batch: number;
  /** Steps that are done, of all epochs. */
  readonly step: number;
}

export const TRAINING_START: TrainingPlace = { epoch: 0, batch: 0, step: 0 };

/** Where batches come from: the same for the same epoch and batch, whatever was asked for before. */
export interface TrainingData {
  batchesIn(epoch: number): number;
  /** @throws Failure DATASET_INVALID naming an image that cannot be used; the signal's reason */
  batches(epoch: number, fromBatch: number, signal: AbortSignal): AsyncIterable<SuppliedBatch>;
}

export interface SuppliedBatch {
  readonly batch: TrainingBatch;
  /** How long the engine stood still for it. */
  readonly waitedMs: number;
}

/** What is known of a step that is done. */
export interface StepProgress {
  /** After the step. */
  readonly place: TrainingPlace;
  readonly learningRate: number;
  readonly report: StepReport;
  readonly waitedMs: number;
  /** Of the step itself, without waiting for data. */
  readonly computedMs: number;
}

export interface TrainingRunParts {
  readonly engine: TrainingEngine;
  readonly data: TrainingData;
  /** Keeps a state so that the run can go on there. */
  readonly saveCheckpoint: (place: TrainingPlace, state: TrainingState) => Promise<void>;
  readonly onStep: (progress: StepProgress) => void | Promise<void>;
  /** Measures a state, for example by verification. */
  readonly evaluate: (place: TrainingPlace, state: TrainingState) => Promise<void>;
}

export interface TrainingRunPlan {
  readonly epochs: number;
  readonly learningRate: LearningRateSchedule;
  readonly checkpointEverySteps: number;
  readonly evaluateEverySteps: number;
}

/**
 * Trains from a place to the last epoch's end. A signal ends it after the step that is being computed. However it ends,
 * what was learnt is in a checkpoint.
 * @returns where it ended; the number of epochs where it is done
 * @throws what the parts throw, after a checkpoint
 */
export async function runTraining(
  parts: TrainingRunParts,
  plan: TrainingRunPlan,
  from: TrainingPlace,
  signal: AbortSignal,
): Promise<TrainingPlace> {
  const run = new TrainingRun(parts, plan, from);
  try {
    for (let epoch = from.epoch; epoch < plan.epochs && !signal.aborted; epoch++) await run.epoch(signal);
    if (run.place.epoch >= plan.epochs && run.place.step > from.step) await run.evaluateLast();
  } finally {
    await run.saveUnsaved();
  }
  return run.place;
}

class TrainingRun {
  private savedStep: number;
  private evaluatedStep = -1;

  constructor(
    private readonly parts: TrainingRunParts,
    private readonly plan: TrainingRunPlan,
    public place: TrainingPlace,
  ) {
    this.savedStep = place.step;
  }

  async epoch(signal: AbortSignal): Promise<void> {
    const { epoch, batch } = this.place;
    const { data } = this.parts;
    try {
      for await (const supplied of data.batches(epoch, batch, signal)) {
        if (signal.aborted) return;
        await this.step(supplied);
      }
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (signal.aborted && this.place.batch < data.batchesIn(epoch)) return;
    this.place = { ...this.place, epoch: epoch + 1, batch: 0 };
    this.savedStep = -1;
  }

  /** Also at the end of an error: the engine keeps the state before a step that failed. */
  async saveUnsaved(): Promise<void> {
    if (this.savedStep !== this.place.step) await this.save();
  }

  private async step({ batch, waitedMs }: SuppliedBatch): Promise<void> {
    const { engine, onStep } = this.parts;
    const { checkpointEverySteps, evaluateEverySteps } = this.plan;
    const learningRate = learningRateAt(this.plan.learningRate, this.place.epoch, this.place.step);
    const startedAtMs = performance.now();
    const report = await engine.step(batch, learningRate);
    const computedMs = performance.now() - startedAtMs;
    this.place = { ...this.place, batch: this.place.batch + 1, step: this.place.step + 1 };
    await onStep({ place: this.place, learningRate, report, waitedMs, computedMs });
    if (this.place.step % checkpointEverySteps === 0) await this.save();
    if (this.place.step % evaluateEverySteps === 0) await this.evaluate();
  }

  /** What comes out at the end is measured, also between two evaluations. */
  async evaluateLast(): Promise<void> {
    if (this.evaluatedStep !== this.place.step) await this.evaluate();
  }

  private async evaluate(): Promise<void> {
    await this.parts.evaluate(this.place, await this.parts.engine.state());
    this.evaluatedStep = this.place.step;
  }

  private async save(): Promise<void> {
    await this.parts.saveCheckpoint(this.place, await this.parts.engine.state());
    this.savedStep = this.place.step;
  }
}
