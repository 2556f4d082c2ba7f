import { constants } from 'node:os';
import type { AnalysisBatch, AnalysisRequest, CallControl } from '../../application/ports/face-analysis.js';
import type { ModelPair } from '../../application/ports/model-serving.js';
import type { EngineObserver } from './engine-observer.js';
import { servedModels } from './served-models.js';
import { type GenerationOptions, WorkerGeneration } from './worker-generation.js';

/** Beside full cores it gets a sixtieth of one: what takes others a second takes it a minute. */
const patience = 60;
/** Memory of one more worker is not kept for longer. */
const defaultIdleMs = 30_000;

/** The worker of one pair of models, and how many calls it has. */
interface Lease {
  readonly pair: ModelPair;
  readonly started: Promise<WorkerGeneration>;
  calls: number;
}

/** One more worker, of the lowest priority: it takes what the others leave of the cores, and next to nothing from them. */
export class SpareWorker {
  private current: Lease | undefined;
  /** The current one, and those of earlier models that still have calls. */
  private readonly leases = new Set<Lease>();
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly optionsFor: (pair: ModelPair) => GenerationOptions,
    private readonly observer: EngineObserver,
    private readonly idleMs = defaultIdleMs,
  ) {}

  /** Starts the worker where it is not there, or serves other models. */
  async analyse(
    pair: ModelPair,
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch> {
    const lease = this.leaseFor(pair);
    lease.calls++;
    try {
      const generation = await lease.started;
      return await generation.analyse(requests, control);
    } finally {
      lease.calls--;
      this.endWhereUnused(lease);
    }
  }

  /** Finishes the calls that were accepted, then ends. */
  async close(): Promise<void> {
    clearTimeout(this.idleTimer);
    const generations = await Promise.allSettled([...this.leases].map(({ started }) => started));
    await Promise.all(
      generations.map(async (result) => (result.status === 'fulfilled' ? result.value.drain() : undefined)),
    );
  }

  /** Ends now; calls that are left fail with SHUTTING_DOWN. */
  stop(): void {
    clearTimeout(this.idleTimer);
    for (const lease of this.leases) this.end(lease);
  }

  private leaseFor(pair: ModelPair): Lease {
    clearTimeout(this.idleTimer);
    if (this.current?.pair === pair) return this.current;
    const previous = this.current;
    const lease = { pair, started: this.start(pair), calls: 0 };
    this.current = lease;
    this.leases.add(lease);
    // The call fails with it; the next one starts another.
    lease.started.catch(() => {
      this.end(lease);
    });
    if (previous !== undefined) this.endWhereUnused(previous);
    return lease;
  }

  private async start(pair: ModelPair): Promise<WorkerGeneration> {
    const options = this.optionsFor(pair);
    const generation = new WorkerGeneration(
      servedModels(pair),
      {
        ...options,
        workerCount: 1,
        priority: constants.priority.PRIORITY_LOW,
        startTimeoutMs: options.startTimeoutMs * patience,
        stallTimeoutMs: options.stallTimeoutMs * patience,
      },
      this.observer,
    );
    await generation.start();
    return generation;
  }

  private endWhereUnused(lease: Lease): void {
    if (lease.calls > 0 || !this.leases.has(lease)) return;
    if (lease !== this.current) {
      this.end(lease);
      return;
    }
    this.idleTimer = setTimeout(() => {
      this.end(lease);
    }, this.idleMs);
    this.idleTimer.unref();
  }

  private end(lease: Lease): void {
    this.leases.delete(lease);
    if (this.current === lease) this.current = undefined;
    void lease.started.then(
      (generation) => {
        generation.stop();
      },
      () => undefined,
    );
  }
}
