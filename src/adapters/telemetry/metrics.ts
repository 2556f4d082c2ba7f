import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EngineObserver } from '../worker/engine-observer.js';
import type { Logger } from './logger.js';

/** What the engine can be asked at scrape time. */
export interface EngineGauges {
  readonly queuedImages: number;
  readonly runningWorkers: number;
}

/** Prometheus metrics of one gateway. */
export class Metrics implements EngineObserver {
  readonly registry = new Registry();
  private readonly calls: Counter<'method' | 'code'>;
  private readonly callSeconds: Histogram<'method'>;
  private readonly shed: Counter;
  private readonly workersLost: Counter;

  constructor(private readonly logger: Logger) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.calls = new Counter({
      name: 'symface_grpc_calls_total',
      help: 'gRPC calls by method and status code',
      labelNames: ['method', 'code'],
      registers,
    });
    this.callSeconds = new Histogram({
      name: 'symface_grpc_call_duration_seconds',
      help: 'Duration of gRPC calls by method',
      labelNames: ['method'],
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers,
    });
    this.shed = new Counter({
      name: 'symface_calls_shed_total',
      help: 'Calls refused with RESOURCE_EXHAUSTED because the queue was full',
      registers,
    });
    this.workersLost = new Counter({
      name: 'symface_workers_lost_total',
      help: 'Inference workers that ended unexpectedly',
      registers,
    });
  }

  /** Shows the engine's queue and workers from now on. */
  watch(engine: EngineGauges): void {
    const registers = [this.registry];
    new Gauge({
      name: 'symface_queued_images',
      help: 'Images that wait for an inference worker',
      registers,
      collect() {
        this.set(engine.queuedImages);
      },
    });
    new Gauge({
      name: 'symface_inference_workers',
      help: 'Inference workers that serve',
      registers,
      collect() {
        this.set(engine.runningWorkers);
      },
    });
  }

  onCall(method: string, code: string, seconds: number): void {
    this.calls.inc({ method, code });
    this.callSeconds.observe({ method }, seconds);
  }

  onShed(): void {
    this.shed.inc();
  }

  onWorkerLost(description: string): void {
    this.workersLost.inc();
    this.logger.error({ description }, 'an inference worker ended unexpectedly; starting another');
  }

  onDefect(error: unknown): void {
    this.logger.error({ err: error }, 'unexpected error');
  }
}
