import type { AnalysisResult, AnalysisRequest } from '../analyser/face-analysis.js';
import type { ImageTiming, StageDurations } from '../analyser/stage-durations.js';

/** One image of one call, from queue to outcome. */
export class AnalysisJob {
  /** How many workers it was given to; a job that two of them died with is not tried again. */
  attempts = 0;
  readonly queuedAtMs = performance.now();
  /** When a worker was given it last. */
  sentAtMs: number | undefined;
  private answeredAtMs: number | undefined;
  private stages: StageDurations = {};
  private faceCount = 0;
  private settleResult: ((outcome: AnalysisResult) => void) | undefined;
  readonly outcome: Promise<AnalysisResult>;

  constructor(
    readonly id: number,
    readonly request: AnalysisRequest,
    readonly signal: AbortSignal,
  ) {
    this.outcome = new Promise((resolve) => {
      this.settleResult = resolve;
    });
  }

  get settled(): boolean {
    return this.settleResult === undefined;
  }

  get timing(): ImageTiming {
    const { queuedAtMs, sentAtMs, answeredAtMs, stages, faceCount } = this;
    return { queuedAtMs, sentAtMs, answeredAtMs, stages, faceCount };
  }

  /** Notes how long a worker took for it. */
  onStages(stages: StageDurations): void {
    this.stages = stages;
  }

  /** The first outcome counts; later ones, say of a cancelled job that a worker finished, are dropped. */
  settle(outcome: AnalysisResult): void {
    if (this.settled) return;
    this.answeredAtMs = performance.now();
    if (outcome.ok) this.faceCount = outcome.image.faces.length;
    this.settleResult?.(outcome);
    this.settleResult = undefined;
  }

  fail(error: Error): void {
    this.settle({ ok: false, error });
  }

  /** Answers with the reason that the call's signal fired for. */
  abort(): void {
    const reason: unknown = this.signal.reason;
    this.fail(reason instanceof Error ? reason : new Error(String(reason)));
  }
}
