import type { TrainingBatch } from '../sampler/training-batch.js';
import { accumulationAt, reportOfStep } from './accumulation.js';
import { learningRateAt, type LearningRateSchedule } from './learning-rate.js';
import type { StepReport, TrainingEngine, TrainingState } from './training-engine.js';

/** How far a run has come. */
export interface TrainingPosition {
  /** The epoch that goes on, from 0. */
  readonly epoch: number;
  /** Batches of that epoch that are done. */
  readonly batch: number;
  /** Steps of descent that are done, of all epochs. */
  readonly step: number;
}

export const TRAINING_START: TrainingPosition = { epoch: 0, batch: 0, step: 0 };

/** A source of batches: the same for the same epoch and batch, whatever was asked for before. */
export interface DataLoader {
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
  /** The position of the run after the step. */
  readonly position: TrainingPosition;
  readonly learningRate: number;
  readonly report: StepReport;
  /** The number of batches that the step was computed on since the run went on. */
  readonly batchCount: number;
  readonly waitedMs: number;
  /** The duration of the step itself, without waiting for data. */
  readonly computedMs: number;
}

export interface TrainingRunDependencies {
  readonly engine: TrainingEngine;
  readonly data: DataLoader;
  /** Keeps a state so that the run can go on there. */
  readonly saveCheckpoint: (position: TrainingPosition, state: TrainingState) => Promise<void>;
  readonly onStep: (progress: StepProgress) => void | Promise<void>;
  /** Measures a state, for example by verification. */
  readonly evaluate: (position: TrainingPosition, state: TrainingState) => Promise<void>;
  /** Milliseconds from any time on. Default: the process's clock */
  readonly nowMs?: () => number;
}

export interface TrainingRunPlan {
  readonly epochs: number;
  readonly learningRate: LearningRateSchedule;
  readonly checkpointEverySteps: number;
  /** Also after so long without one, whatever steps take. Default: never */
  readonly checkpointEveryMs?: number;
  readonly evaluateEverySteps: number;
  /** Batches whose gradients are averaged for one step. */
  readonly accumulateSteps: number;
}

/**
 * Trains from a position to the last epoch's end. A signal ends it after the batch that is being computed. However it ends, what was learnt is in a checkpoint.
 * @returns where it ended; the number of epochs where it came to the last one's end
 * @throws what the parts throw, after a checkpoint
 */
export async function runTraining(
  parts: TrainingRunDependencies,
  plan: TrainingRunPlan,
  from: TrainingPosition,
  signal: AbortSignal,
): Promise<TrainingPosition> {
  const run = new TrainingRun(parts, plan, from);
  try {
    for (let epoch = from.epoch; epoch < plan.epochs && !signal.aborted; epoch++) {
      await run.epoch(signal);
    }
    if (run.position.epoch >= plan.epochs && run.position.step > from.step) await run.evaluateLast();
  } finally {
    await run.saveUnsaved();
  }
  return run.position;
}

class TrainingRun {
  private savedPosition: TrainingPosition;
  /** Batches of the step that goes on. */
  private batches: Pick<StepProgress, 'report' | 'waitedMs' | 'computedMs'>[] = [];
  private evaluatedStep = -1;
  private savedAtMs: number;

  constructor(
    private readonly parts: TrainingRunDependencies,
    private readonly plan: TrainingRunPlan,
    public position: TrainingPosition,
  ) {
    this.savedPosition = position;
    this.savedAtMs = this.nowMs();
  }

  async epoch(signal: AbortSignal): Promise<void> {
    const { epoch, batch } = this.position;
    const { data } = this.parts;
    try {
      for await (const supplied of data.batches(epoch, batch, signal)) {
        if (signal.aborted) return;
        await this.batch(supplied);
      }
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (signal.aborted && this.position.batch < data.batchesIn(epoch)) return;
    this.position = { ...this.position, epoch: epoch + 1, batch: 0 };
  }

  /** Saves also at the end of an error: the engine keeps the state before a step that failed. */
  async saveUnsaved(): Promise<void> {
    if (this.savedPosition !== this.position) await this.save();
  }

  private async batch({ batch, waitedMs }: SuppliedBatch): Promise<void> {
    const { engine, data } = this.parts;
    const { epoch, step } = this.position;
    const accumulation = accumulationAt(
      this.plan.accumulateSteps,
      this.position.batch,
      data.batchesIn(epoch),
    );
    const learningRate = learningRateAt(this.plan.learningRate, epoch, step);
    const startedAtMs = performance.now();
    const report = await engine.step(batch, learningRate, accumulation);
    this.batches.push({ report, waitedMs, computedMs: performance.now() - startedAtMs });
    this.position = { epoch, batch: this.position.batch + 1, step: accumulation.isLast ? step + 1 : step };
    if (accumulation.isLast) await this.afterStep(learningRate);
  }

  private async afterStep(learningRate: number): Promise<void> {
    const { checkpointEverySteps, checkpointEveryMs = Infinity, evaluateEverySteps } = this.plan;
    const batches = this.batches.splice(0);
    await this.parts.onStep({
      position: this.position,
      learningRate,
      report: reportOfStep(batches.map(({ report }) => report)),
      batchCount: batches.length,
      waitedMs: batches.reduce((sum, { waitedMs }) => sum + waitedMs, 0),
      computedMs: batches.reduce((sum, { computedMs }) => sum + computedMs, 0),
    });
    if (this.position.step % evaluateEverySteps === 0) await this.evaluate();
    const isDue = this.nowMs() - this.savedAtMs >= checkpointEveryMs;
    if (isDue || this.position.step % checkpointEverySteps === 0) await this.save();
  }

  private nowMs(): number {
    return this.parts.nowMs?.() ?? performance.now();
  }

  /** What comes out at the end is measured, also between two evaluations. */
  async evaluateLast(): Promise<void> {
    if (this.evaluatedStep !== this.position.step) await this.evaluate();
  }

  private async evaluate(): Promise<void> {
    await this.parts.evaluate(this.position, await this.parts.engine.state());
    this.evaluatedStep = this.position.step;
  }

  private async save(): Promise<void> {
    await this.parts.saveCheckpoint(this.position, await this.parts.engine.state());
    this.savedPosition = this.position;
    this.savedAtMs = this.nowMs();
  }
}
