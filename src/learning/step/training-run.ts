import { Failure } from '../../core/failure.js';
import type { Weights } from '../../core/models/weights.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { accumulationAt, reportOfStep } from './accumulation.js';
import { type BatchProgress, BatchRuns, type SuppliedPlan } from './batch-runs.js';
import type { ProcessGroup } from '../engines/process-group.js';
import { learningRateAt, type LearningRateSchedule } from './learning-rate.js';
import type { Accumulation, StepReport, TrainingEngine, TrainingState } from './training-engine.js';
import { backboneWeightsOfEngine } from './training-spec.js';

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
  /** Where several processes train together, those of this one: of every `size` batches that at its rank. */
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
  /** Those that train together, all by the same plan. Default: this process alone */
  readonly processes?: ProcessGroup;
  /** Keeps a state so that the run can go on there. */
  readonly saveCheckpoint: (position: TrainingPosition, state: TrainingState) => Promise<void>;
  readonly onStep: (progress: StepProgress) => void | Promise<void>;
  /** Measures a network, for example by verification. */
  readonly evaluate: (position: TrainingPosition, weights: Weights) => Promise<void>;
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
  /** Batches whose gradients are averaged for one step; a multiple of the processes that train together. */
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
  const run = new TrainingRun(parts, plan, from, signal);
  try {
    for (let epoch = from.epoch; epoch < plan.epochs && !run.isStopped(); epoch++) {
      await run.epoch();
    }
    if (run.position.epoch >= plan.epochs && run.position.step > from.step) await run.evaluateLast();
  } catch (error) {
    if (run.savesAfter(error)) await run.saveUnsaved();
    throw error;
  }
  await run.saveUnsaved();
  return run.position;
}

class TrainingRun {
  private savedPosition: TrainingPosition;
  /** Batches of the step that goes on. */
  private batches: BatchProgress[] = [];
  private readonly runs: BatchRuns;
  private evaluatedStep = -1;
  private savedAtMs: number;
  /** Fires once all processes know that one was told to stop. */
  private readonly agreedStop = new AbortController();
  private readonly processes: Pick<ProcessGroup, 'rank' | 'size'>;

  constructor(
    private readonly parts: TrainingRunDependencies,
    private readonly plan: TrainingRunPlan,
    public position: TrainingPosition,
    private readonly signal: AbortSignal,
  ) {
    this.processes = parts.processes ?? { rank: 0, size: 1 };
    this.runs = new BatchRuns(parts.engine);
    this.savedPosition = position;
    this.savedAtMs = this.nowMs();
  }

  /** Whether a signal came; of several processes none stops before all do. */
  isStopped(): boolean {
    return this.stop.aborted;
  }

  private get stop(): AbortSignal {
    return this.parts.processes === undefined ? this.signal : this.agreedStop.signal;
  }

  async epoch(): Promise<void> {
    const { epoch, batch } = this.position;
    const { data } = this.parts;
    const batchesPerEpoch = data.batchesIn(epoch);
    const own = data.batches(epoch, batch, this.stop)[Symbol.asyncIterator]();
    try {
      for (let place = batch; place < batchesPerEpoch && this.goesOn(); place++) {
        if (place % this.processes.size === this.processes.rank) {
          const next = await this.runs.next(() => this.supply(own, place, batchesPerEpoch));
          if (next === undefined) return;
          this.batches.push(next);
        }
        await this.goOn(place);
      }
    } catch (error) {
      if (this.isStopped()) return;
      throw error;
    } finally {
      await own.return?.();
    }
    if (this.position.batch >= batchesPerEpoch)
      this.position = { ...this.position, epoch: epoch + 1, batch: 0 };
  }

  /** Whether what was learnt can be saved after an error: a state that is split only where all processes came to the error. */
  savesAfter(error: unknown): boolean {
    const isOfAll = error instanceof Failure && error.reason === 'TRAINING_DIVERGED';
    return isOfAll || this.parts.engine.hasSplitState !== true;
  }

  /** Saves also at the end of an error: the engine keeps the state before a step that failed. */
  async saveUnsaved(): Promise<void> {
    // Where an error came between, the engine's state is that of a later position.
    if (this.savedPosition !== this.position && !this.runs.isAhead) await this.save();
  }

  /** What is computed already is gone through to its end, since the engine's state is that after it. */
  private goesOn(): boolean {
    return this.runs.isAhead || !this.isStopped();
  }

  /** Batches of this process from a place on, as many as the engine is best given at once; none where the run was stopped. */
  private async supply(
    own: AsyncIterator<SuppliedBatch>,
    place: number,
    batchesPerEpoch: number,
  ): Promise<readonly SuppliedPlan[]> {
    const supplied: SuppliedPlan[] = [];
    let { step } = this.position;
    const { batchesPerRun = 1 } = this.parts.engine;
    for (let at = place; at < Math.min(place + batchesPerRun, batchesPerEpoch); at++) {
      const next = await own.next();
      if (this.isStopped()) return [];
      if (next.done === true) break;
      const accumulation = this.ownAccumulation(at);
      supplied.push({ ...next.value, learningRate: this.learningRateAt(step), accumulation });
      if (accumulation.isLast && this.needsState(++step)) break;
    }
    return supplied;
  }

  /** The step is taken at the last batch that this process has of it. */
  private ownAccumulation(place: number): Accumulation {
    const { batchCount } = this.accumulation(place);
    const first = place - (place % this.plan.accumulateSteps);
    return { batchCount, isLast: place + this.processes.size >= first + batchCount };
  }

  /** Whether the state after so many steps is measured, or kept. */
  private needsState(step: number): boolean {
    const { checkpointEverySteps, evaluateEverySteps } = this.plan;
    return step % evaluateEverySteps === 0 || step % checkpointEverySteps === 0;
  }

  /** Goes on behind a batch, whosever it was. */
  private async goOn(place: number): Promise<void> {
    const { epoch, step } = this.position;
    const { batchCount, isLast } = this.accumulation(place);
    if (!isLast) {
      if (this.parts.engine.savesBetweenSteps !== true) this.position = { epoch, batch: place + 1, step };
      return;
    }
    const { learningRate } = this;
    if (this.batches.length === 0) await this.stepWithoutBatch(batchCount);
    this.position = { epoch, batch: place + 1, step: step + 1 };
    await this.afterStep(learningRate, batchCount);
  }

  private async stepWithoutBatch(batchCount: number): Promise<void> {
    const { engine } = this.parts;
    const startedAtMs = performance.now();
    const report = await engine.stepWithoutBatch?.(this.learningRate, { batchCount, isLast: true });
    if (report === undefined) throw new RangeError('this engine trains in one process only');
    this.batches.push({ report, waitedMs: 0, computedMs: performance.now() - startedAtMs });
  }

  private get learningRate(): number {
    return this.learningRateAt(this.position.step);
  }

  private learningRateAt(step: number): number {
    return learningRateAt(this.plan.learningRate, this.position.epoch, step);
  }

  private accumulation(place: number): Accumulation {
    return accumulationAt(this.plan.accumulateSteps, place, this.parts.data.batchesIn(this.position.epoch));
  }

  private async afterStep(learningRate: number, batchCount: number): Promise<void> {
    const { checkpointEverySteps, evaluateEverySteps } = this.plan;
    const { processes, onStep } = this.parts;
    const reports = this.batches.map(({ report }) => report);
    await onStep({
      position: this.position,
      learningRate,
      // The last report of several processes is of all their batches.
      report: reportOfStep(processes === undefined ? reports : reports.slice(-1)),
      batchCount: processes === undefined ? reports.length : batchCount,
      waitedMs: this.batches.reduce((sum, { waitedMs }) => sum + waitedMs, 0),
      computedMs: this.batches.reduce((sum, { computedMs }) => sum + computedMs, 0),
    });
    this.batches = [];
    if (this.runs.isAhead) return;
    const isDue = await this.agree();
    if (this.position.step % evaluateEverySteps === 0) await this.evaluate();
    if (isDue || this.position.step % checkpointEverySteps === 0) await this.save();
  }

  /** Asks all processes whether one was told to stop. @returns whether a checkpoint is due by the first one's clock */
  private async agree(): Promise<boolean> {
    const { processes } = this.parts;
    const isDue = this.nowMs() - this.savedAtMs >= (this.plan.checkpointEveryMs ?? Infinity);
    if (processes === undefined) return isDue;
    const asked = Float32Array.of(this.signal.aborted ? 1 : 0, isDue && processes.rank === 0 ? 1 : 0);
    await processes.sum([asked]);
    if ((asked[0] ?? 0) > 0) this.agreedStop.abort();
    return (asked[1] ?? 0) > 0;
  }

  private nowMs(): number {
    return this.parts.nowMs?.() ?? performance.now();
  }

  /** What comes out at the end is measured, also between two evaluations. */
  async evaluateLast(): Promise<void> {
    if (this.evaluatedStep !== this.position.step) await this.evaluate();
  }

  private async evaluate(): Promise<void> {
    await this.parts.evaluate(this.position, await backboneWeightsOfEngine(this.parts.engine));
    this.evaluatedStep = this.position.step;
  }

  private async save(): Promise<void> {
    await this.parts.saveCheckpoint(this.position, await this.parts.engine.state());
    this.savedPosition = this.position;
    this.savedAtMs = this.nowMs();
  }
}
