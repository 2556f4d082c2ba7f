import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { contractServices } from '../../../contract/contract.js';
import type { ServedModels } from '../../../inference/analyser/face-analysis.js';
import type { ImageTiming } from '../../../inference/analyser/stage-durations.js';
import type { EngineObserver } from '../../../inference/workers/engine-observer.js';
import {
  type FailureStatistics,
  failureStatistics,
  type MethodStatistics,
  methodStatistics,
} from './call-statistics.js';
import type { CallObserver } from './call-observers.js';
import { currentCall } from './call-record.js';
import type { Logger } from './logger.js';

/** What the engine can be asked at scrape time. */
export interface EngineGauges {
  readonly queuedImages: number;
  readonly oldestQueuedMs: number;
  readonly runningWorkers: number;
  readonly served: ServedModels | undefined;
}

/** The stages that images go through, as the metrics call them. */
const imageStages = ['decode', 'detect', 'embed'] as const;
/** In seconds: from reading a small crop to the queue of an overloaded service. */
const stageBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** How many jobs of a kind are in a state. */
interface JobCount {
  readonly kind: string;
  readonly state: string;
  readonly count: number;
}

/** "/symface.v1.FaceVerificationService/Verify" and all others that may be called. */
function contractMethods(): readonly string[] {
  return [...contractServices().values()].flatMap((methods) =>
    Object.values(methods).map(({ path }) => path),
  );
}

/** What the metrics of one gateway say since its start. */
interface CallStatistics {
  readonly methods: readonly MethodStatistics[];
  readonly failures: readonly FailureStatistics[];
  readonly shedCallCount: number;
  readonly lostWorkerCount: number;
}

/** Prometheus metrics of one gateway. */
export class Metrics implements EngineObserver {
  readonly registry = new Registry();
  private readonly calls: Counter<'method' | 'code'>;
  private readonly callSeconds: Histogram<'method'>;
  private readonly failures: Counter<'method' | 'reason'>;
  private readonly partFailures: Counter<'reason'>;
  private readonly stageSeconds: Histogram<'stage'>;
  private readonly images: Counter;
  private readonly faces: Counter;
  private readonly receivedBytes: Counter;
  private readonly sentBytes: Counter;
  private readonly shed: Counter;
  private readonly workersLost: Counter;
  private readonly damagedTemplates: Counter;
  private readonly modelChangeSeconds: Histogram;

  constructor(private readonly logger: Logger) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.calls = new Counter({
      name: 'symface_grpc_calls_total',
      help: 'gRPC calls by method and status code',
      labelNames: ['method', 'code'],
      registers,
    });
    // A counter that begins with 1 has not risen, says Prometheus: the first defect of a method would be seen by nobody.
    for (const method of contractMethods()) this.calls.inc({ method, code: 'INTERNAL' }, 0);
    this.callSeconds = new Histogram({
      name: 'symface_grpc_call_duration_seconds',
      help: 'Duration of gRPC calls by method',
      labelNames: ['method'],
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers,
    });
    this.failures = new Counter({
      name: 'symface_call_failures_total',
      help: 'Calls that failed, by method and reason (docs/errors.md)',
      labelNames: ['method', 'reason'],
      registers,
    });
    this.partFailures = new Counter({
      name: 'symface_part_failures_total',
      help: 'Pairs, images and faces that failed within calls that were answered, by reason (docs/errors.md)',
      labelNames: ['reason'],
      registers,
    });
    this.stageSeconds = new Histogram({
      name: 'symface_stage_duration_seconds',
      help: 'Where the time of calls goes: queue, decode, detect and embed of each image, database of each call',
      labelNames: ['stage'],
      buckets: stageBuckets,
      registers,
    });
    const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
    this.images = counter(
      'symface_images_total',
      'Images of calls that were worked on, whatever came of them',
    );
    this.faces = counter('symface_faces_total', 'Faces that were described in these images');
    this.receivedBytes = counter('symface_received_bytes_total', 'Bytes of the messages of calls');
    this.sentBytes = counter('symface_sent_bytes_total', 'Bytes of the messages that were answered');
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
    this.damagedTemplates = new Counter({
      name: 'symface_damaged_templates_total',
      help: 'Templates that could not be opened, each once, and were left out of comparisons',
      registers,
    });
    this.modelChangeSeconds = new Histogram({
      name: 'symface_model_change_duration_seconds',
      help: 'Loading and warming other models until new calls went to them',
      buckets: [0.5, 1, 2, 5, 10, 20, 60],
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
      name: 'symface_oldest_queued_image_age_seconds',
      help: 'How long the image that waits longest for an inference worker has waited; 0 where none waits',
      registers,
      collect() {
        this.set(engine.oldestQueuedMs / 1000);
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
    new Gauge({
      name: 'symface_served_models',
      help: '1 for the models that new calls go to',
      labelNames: ['backbone', 'detector'],
      registers,
      collect() {
        this.reset();
        const { served } = engine;
        if (served !== undefined) this.set({ backbone: served.backboneId, detector: served.detectorId }, 1);
      },
    });
  }

  /** Shows the jobs of all replicas from now on. A database that does not answer leaves the other figures as they are. */
  watchJobs(counts: () => Promise<readonly JobCount[]>): void {
    new Gauge({
      name: 'symface_jobs',
      help: 'Jobs by kind and state, of all replicas',
      labelNames: ['kind', 'state'],
      registers: [this.registry],
      async collect() {
        this.reset();
        for (const { kind, state, count } of await counts().catch(() => [])) this.set({ kind, state }, count);
      },
    });
  }

  /** @param share of the memory for exact search that the largest collection takes which has no index */
  watchGallery(share: () => Promise<number>): void {
    new Gauge({
      name: 'symface_gallery_memory_share',
      help: 'The part of the memory for exact search that the largest collection without an index takes; above 1 it is refused',
      registers: [this.registry],
      async collect() {
        this.set(await share().catch(() => 0));
      },
    });
  }

  /** Counts a call that has ended, and where its time went. */
  readonly onCallEnded: CallObserver = (call, { code, reason, durationMs }) => {
    const { method } = call;
    this.calls.inc({ method, code });
    if (reason !== undefined) this.failures.inc({ method, reason });
    this.callSeconds.observe({ method }, durationMs / 1000);
    this.receivedBytes.inc(call.receivedBytes);
    this.sentBytes.inc(call.sentBytes);
    for (const [reason, count] of call.partFailures) this.partFailures.inc({ reason }, count);
    const { database } = call.stages;
    if (database !== undefined) this.stageSeconds.observe({ stage: 'database' }, database / 1000);
  };

  /** Of live calls: what the service does of its own accord would hide how they do. */
  onImages(models: ServedModels, images: readonly ImageTiming[]): void {
    const call = currentCall();
    if (call === undefined) return;
    call.onImages(models, images);
    this.images.inc(images.length);
    for (const { queuedAtMs, sentAtMs, stages, faceCount } of images) {
      this.faces.inc(faceCount);
      const waitedMs = (sentAtMs ?? performance.now()) - queuedAtMs;
      this.stageSeconds.observe({ stage: 'queue' }, waitedMs / 1000);
      for (const stage of imageStages) {
        const ms = stages[stage];
        if (ms !== undefined) this.stageSeconds.observe({ stage }, ms / 1000);
      }
    }
  }

  onModelsChanged(seconds: number): void {
    this.modelChangeSeconds.observe(seconds);
  }

  /** What the metrics of this process say, for people. */
  async statistics(): Promise<CallStatistics> {
    const [shed, lost] = await Promise.all([this.shed.get(), this.workersLost.get()]);
    return {
      methods: await methodStatistics(this.calls, this.callSeconds),
      failures: await failureStatistics(this.failures),
      shedCallCount: shed.values[0]?.value ?? 0,
      lostWorkerCount: lost.values[0]?.value ?? 0,
    };
  }

  /** The largest sample that a metric has now; undefined where it has none. @param name of docs/metrics.md */
  async largest(name: string): Promise<number | undefined> {
    const samples = (await this.registry.getSingleMetric(name)?.get())?.values ?? [];
    return samples.length === 0 ? undefined : Math.max(...samples.map(({ value }) => value));
  }

  onShed(): void {
    this.shed.inc();
  }

  onDamagedTemplate(): void {
    this.damagedTemplates.inc();
  }

  onWorkerLost(description: string): void {
    this.workersLost.inc();
    this.logger.error({ description }, 'an inference worker ended unexpectedly; starting another');
  }

  onDefect(error: unknown): void {
    this.logger.error({ err: error }, 'unexpected error');
  }
}
