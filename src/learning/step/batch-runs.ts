import type { PlannedBatch, StepReport, TrainingEngine } from './training-engine.js';

/** A batch that is to be computed. */
export interface SuppliedPlan extends PlannedBatch {
  /** How long the engine stood still for it. */
  readonly waitedMs: number;
}

/** What is known of a batch that is computed. */
export interface BatchProgress {
  readonly report: StepReport;
  readonly waitedMs: number;
  readonly computedMs: number;
}

/** Batches of a run one after the other, which the engine computes several at once where it is made for that. */
export class BatchRuns {
  private waiting: readonly SuppliedPlan[] = [];
  private computed: BatchProgress[] = [];

  constructor(private readonly engine: TrainingEngine) {}

  /** Whether the engine's state is that after batches that the run has not come to yet. */
  get isAhead(): boolean {
    return this.computed.length > 0;
  }

  /**
   * @param supply the batches that may be computed at once, the next one first; it is asked where none is left
   * @returns undefined where there is no next one
   * @throws what the engine throws at this batch
   */
  async next(supply: () => Promise<readonly SuppliedPlan[]>): Promise<BatchProgress | undefined> {
    if (!this.isAhead) {
      if (this.waiting.length === 0) this.waiting = await supply();
      await this.compute();
    }
    return this.computed.shift();
  }

  private async compute(): Promise<void> {
    const [first] = this.waiting;
    if (first === undefined) return;
    const startedAtMs = performance.now();
    const reports =
      this.waiting.length > 1 && this.engine.steps !== undefined
        ? await this.engine.steps(this.waiting)
        : [await this.engine.step(first.batch, first.learningRate, first.accumulation)];
    const computedMs = (performance.now() - startedAtMs) / reports.length;
    this.computed = reports.map((report, at) => ({
      report,
      waitedMs: this.waiting[at]?.waitedMs ?? 0,
      computedMs,
    }));
    this.waiting = this.waiting.slice(reports.length);
  }
}
