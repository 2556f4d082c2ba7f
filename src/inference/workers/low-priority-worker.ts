import { constants } from 'node:os';
import type { AnalysisBatch, AnalysisRequest, CallControl } from '../analyser/face-analysis.js';
import type { ModelPair } from './model-serving.js';
import type { EngineObserver } from './engine-observer.js';
import { servedModels } from './served-models.js';
import { type GenerationOptions, WorkerGeneration } from './worker-generation.js';

/** Beside full cores it gets a sixtieth of one: what takes others a second takes it a minute. */
const patience = 60;
/** Memory of one more worker is not kept for longer. */
const defaultIdleMs = 30_000;

/** The workers of one pair of models, and how many calls they have. */
interface Lease {
  readonly key: string;
  readonly started: Promise<WorkerGeneration>;
  calls: number;
  idleTimer: NodeJS.Timeout | undefined;
}

/**
 * Starts workers of the lowest priority beside the others: they take what those leave of the cores, and next to
 * nothing from them.
 */
export class LowPriorityWorker {
  /** The leases by their models: work with several in turn must not start workers at each turn. */
  private readonly leases = new Map<string, Lease>();

  constructor(
    private readonly optionsFor: (pair: ModelPair) => GenerationOptions,
    private readonly observer: EngineObserver,
    private readonly size: Pick<GenerationOptions, 'workerCount' | 'queueCapacity'>,
    /** `one`: workers of another pair end as soon as they have no calls. */
    private readonly pairs: 'one' | 'several' = 'one',
    private readonly idleMs = defaultIdleMs,
  ) {}

  /** Starts the workers of the pair where they are not there. @throws the reason why they cannot serve */
  async load(pair: ModelPair): Promise<void> {
    await this.withLease(pair, () => Promise.resolve());
  }

  /** @throws as {@link load} */
  async analyse(
    pair: ModelPair,
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch> {
    return this.withLease(pair, async (generation) => generation.analyse(requests, control));
  }

  private async withLease<T>(
    pair: ModelPair,
    work: (generation: WorkerGeneration) => Promise<T>,
  ): Promise<T> {
    const lease = this.leaseFor(pair);
    clearTimeout(lease.idleTimer);
    lease.calls++;
    try {
      return await work(await lease.started);
    } finally {
      lease.calls--;
      if (lease.calls === 0) this.endWhenIdle(lease);
      if (this.pairs === 'one') this.endOthers();
    }
  }

  /** Finishes the calls that were accepted, then ends. */
  async close(): Promise<void> {
    const leases = [...this.leases.values()];
    const generations = await Promise.allSettled(leases.map(({ started }) => started));
    await Promise.all(
      generations.map(async (result) => (result.status === 'fulfilled' ? result.value.drain() : undefined)),
    );
  }

  /** Ends now; calls that are left fail with SHUTTING_DOWN. */
  stop(): void {
    for (const lease of this.leases.values()) this.end(lease);
  }

  private leaseFor(pair: ModelPair): Lease {
    const key = `${pair.backbone.version.id} ${pair.detector.version.id}`;
    const there = this.leases.get(key);
    if (there !== undefined) return there;
    const lease: Lease = { key, started: this.start(pair), calls: 0, idleTimer: undefined };
    this.leases.set(key, lease);
    if (this.pairs === 'one') this.endOthers();
    // The call fails with it; the next one starts another.
    lease.started.catch(() => {
      this.end(lease);
    });
    return lease;
  }

  private async start(pair: ModelPair): Promise<WorkerGeneration> {
    const options = this.optionsFor(pair);
    const generation = new WorkerGeneration(
      servedModels(pair),
      {
        ...options,
        ...this.size,
        priority: constants.priority.PRIORITY_LOW,
        stallTimeoutMs: options.stallTimeoutMs * patience,
      },
      this.observer,
    );
    await generation.start('one-by-one');
    return generation;
  }

  /** All but the newest pair's, where they have no calls. */
  private endOthers(): void {
    for (const lease of [...this.leases.values()].slice(0, -1)) if (lease.calls === 0) this.end(lease);
  }

  private endWhenIdle(lease: Lease): void {
    if (this.leases.get(lease.key) !== lease) return;
    clearTimeout(lease.idleTimer);
    lease.idleTimer = setTimeout(() => {
      this.end(lease);
    }, this.idleMs);
    lease.idleTimer.unref();
  }

  private end(lease: Lease): void {
    clearTimeout(lease.idleTimer);
    if (this.leases.get(lease.key) === lease) this.leases.delete(lease.key);
    void lease.started.then(
      (generation) => {
        generation.stop();
      },
      () => undefined,
    );
  }
}
