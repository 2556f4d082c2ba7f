import { setTimeout as sleep } from 'node:timers/promises';
import type {
  AnalysisBatch,
  AnalysisRequest,
  CallControl,
  FaceAnalysis,
} from '../../application/ports/face-analysis.js';
import { Failure } from '../../domain/failure.js';

/** The engine, as far as background work looks at it. */
interface LiveEngine extends FaceAnalysis {
  /** Live images that wait or are worked on. */
  readonly liveImages: number;
  /** When the last live call came, by `performance.now()`. */
  readonly lastLiveCallMs: number;
  analyseInBackground(requests: readonly AnalysisRequest[], control: CallControl): Promise<AnalysisBatch>;
}

/** How long after a live call the next one is to be expected. */
const liveWindowMs = 1_000;
const pollMs = 10;

/**
 * Work that may wait: all workers where nobody else wants them, one image at a time and only between live images while
 * there is live traffic.
 */
export class BackgroundAnalysis implements FaceAnalysis {
  private running = 0;

  constructor(
    private readonly engine: LiveEngine,
    private readonly workerCount: number,
  ) {}

  async analyse(requests: readonly AnalysisRequest[], control: CallControl): Promise<AnalysisBatch> {
    for (;;) {
      control.signal.throwIfAborted();
      if (this.mayRun()) {
        const batch = await this.attempt(requests, control);
        if (batch !== undefined) return batch;
      }
      await sleep(pollMs);
    }
  }

  private mayRun(): boolean {
    const isLive = performance.now() - this.engine.lastLiveCallMs < liveWindowMs;
    if (!isLive) return this.running < this.workerCount;
    return this.running === 0 && this.engine.liveImages === 0;
  }

  /** @returns undefined where the engine is full, which is a live call's to be told, not ours */
  private async attempt(
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch | undefined> {
    this.running++;
    try {
      return await this.engine.analyseInBackground(requests, control);
    } catch (error) {
      if (error instanceof Failure && error.reason === 'OVERLOADED') return undefined;
      throw error;
    } finally {
      this.running--;
    }
  }
}
