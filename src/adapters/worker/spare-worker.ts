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

/** More workers, of the lowest priority: they take what the others leave of the cores, and next to nothing from them. */
export class SpareWorker {
  private current: Lease | undefined;
  /** The current one, and those of earlier models that still have calls. */
  private readonly leases = new Set<Lease>();
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly optionsFor: (pair: ModelPair) => GenerationOptions,
    private readonly observer: EngineObserver,
    private readonly size: Pick<GenerationOptions, 'workerCount' | 'queueCapacity'>,
    private readonly idleMs = defaultIdleMs,
  ) {}

  /** Starts the workers where they are not there, or serve other models. @throws the reason why they cannot serve */
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
    lease.calls++;
    try {
      return await work(await lease.started);
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
        ...this.size,
        priority: constants.priority.PRIORITY_LOW,
        stallTimeoutMs: options.stallTimeoutMs * patience,
      },
      this.observer,
    );
    await generation.start('one-by-one');
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
