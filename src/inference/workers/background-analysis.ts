import { setTimeout as sleep } from 'node:timers/promises';
import type { AnalysisBatch, AnalysisRequest, CallControl, FaceAnalysis } from '../analyser/face-analysis.js';
import { Failure } from '../../core/failure.js';

/** The engine, as far as background work looks at it. */
interface LiveEngine {
  /** The time at which a live call came or ended last, by `performance.now()`. */
  readonly lastLiveCallMs: number;
  analyseInBackground(requests: readonly AnalysisRequest[], control: CallControl): Promise<AnalysisBatch>;
  analyseBesideLive(requests: readonly AnalysisRequest[], control: CallControl): Promise<AnalysisBatch>;
}

/** How long after a live call the next one is to be expected: it must not find the workers in the middle of images. */
const liveWindowMs = 10_000;
const pollMs = 10;
/** One that is decoded while the other is in the networks. */
const imagesPerWorker = 2;

/**
 * Work that may wait: all workers where nobody else wants them; one image at a time, on a worker of the lowest priority,
 * while there is live traffic. A worker that live calls use cannot be interrupted in an image.
 */
export class BackgroundAnalysis implements FaceAnalysis {
  private runningInBackground = 0;
  private runningBesideLive = 0;

  /** How many images keep all workers busy. */
  readonly parallel: number;

  constructor(
    private readonly engine: LiveEngine,
    workerCount: number,
  ) {
    this.parallel = workerCount * imagesPerWorker;
  }

  async analyse(requests: readonly AnalysisRequest[], control: CallControl): Promise<AnalysisBatch> {
    for (;;) {
      control.signal.throwIfAborted();
      const batch = await this.attempt(requests, control);
      if (batch !== undefined) return batch;
      await sleep(pollMs);
    }
  }

  /** @returns undefined where it is not its turn */
  private async attempt(
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch | undefined> {
    const isLive = performance.now() - this.engine.lastLiveCallMs < liveWindowMs;
    return isLive ? this.attemptBesideLive(requests, control) : this.attemptInBackground(requests, control);
  }

  private async attemptBesideLive(
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch | undefined> {
    if (this.runningBesideLive > 0) return undefined;
    this.runningBesideLive++;
    try {
      return await this.engine.analyseBesideLive(requests, control);
    } finally {
      this.runningBesideLive--;
    }
  }

  /** @returns undefined also where the engine is full, which is a live call's to be told, not ours */
  private async attemptInBackground(
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch | undefined> {
    if (this.runningInBackground >= this.parallel) return undefined;
    this.runningInBackground++;
    try {
      return await this.engine.analyseInBackground(requests, control);
    } catch (error) {
      if (error instanceof Failure && error.reason === 'OVERLOADED') return undefined;
      throw error;
    } finally {
      this.runningInBackground--;
    }
  }
}
