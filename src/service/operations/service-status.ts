import type { InferenceEngine } from '../../inference/workers/inference-engine.js';
import type { JobQueue } from '../jobs/job-queue.js';
import type { Configuration } from '../platform/configuration/configuration.js';
import type { Database } from '../platform/database/database.js';
import type { Readiness } from '../platform/readiness.js';
import type { Metrics } from '../platform/telemetry/metrics.js';
import { kindsOfFailedJobs } from './failed-job-kinds.js';
import { unsavedSince } from './last-backup-time.js';
import type { ReplicaStore } from './replica.store.js';
import { serviceProblems } from './service-problems.js';

interface ServiceStatusParts {
  readonly metrics: Metrics;
  readonly engine: Pick<InferenceEngine, 'queuedImages' | 'runningWorkers' | 'oldestQueuedMs'>;
  readonly readiness: Readiness;
  readonly database: Database;
  readonly jobs: Pick<JobQueue, 'counts' | 'oldestDueAgeSeconds'>;
  readonly replicas: Pick<ReplicaStore, 'list'>;
  readonly configuration: Pick<Configuration, 'queueCapacity' | 'workerCount'>;
}

/** Says how this gateway and the service do. What the database knows is empty while it does not answer. */
export class ServiceStatus {
  private readonly startTime = new Date(Date.now() - process.uptime() * 1000);

  constructor(private readonly parts: ServiceStatusParts) {}

  async read() {
    const { metrics, engine, readiness, configuration } = this.parts;
    const [database, isReady, calls, measured] = await Promise.all([
      this.database(),
      readiness.isReady(),
      metrics.statistics(),
      this.measured(),
    ]);
    const known = await this.knownToDatabase(database.answers);
    const inference = {
      queuedImageCount: engine.queuedImages,
      queueCapacity: configuration.queueCapacity,
      runningWorkerCount: engine.runningWorkers,
      configuredWorkerCount: configuration.workerCount,
      lostWorkerCount: calls.lostWorkerCount,
      shedCallCount: calls.shedCallCount,
    };
    const defectCount = calls.failures
      .filter(({ reason }) => reason === 'INTERNAL')
      .reduce((sum, { callCount }) => sum + callCount, 0);
    return {
      startTime: this.startTime,
      isReady,
      ...calls,
      inference,
      database,
      ...known,
      problems: serviceProblems({ database, inference, defectCount, ...known, ...measured }),
    };
  }

  private async database() {
    const { database } = this.parts;
    const startedAtMs = performance.now();
    const hindrance = await database.hindrance();
    const latencyMs = performance.now() - startedAtMs;
    return { answers: hindrance === undefined, hindrance, latencyMs, description: database.description };
  }

  /** Nothing of it is known while the database does not answer. */
  private async knownToDatabase(answers: boolean) {
    const { database, jobs, replicas } = this.parts;
    const ask = async <T>(read: () => Promise<T>, unknown: T): Promise<T> =>
      answers ? read().catch(() => unknown) : unknown;
    const [jobCounts, oldestDueJobAgeSeconds, present, failedJobKinds, unsaved] = await Promise.all([
      ask(async () => jobs.counts(), []),
      ask(async () => jobs.oldestDueAgeSeconds(), 0),
      ask(async () => replicas.list(), []),
      ask(async () => kindsOfFailedJobs(database), []),
      ask(async () => unsavedSince(database), undefined),
    ]);
    const unsavedSeconds = unsaved === undefined ? 0 : (Date.now() - unsaved.getTime()) / 1000;
    return { jobCounts, oldestDueJobAgeSeconds, replicas: present, failedJobKinds, unsavedSeconds };
  }

  /** What else the metrics know. */
  private async measured() {
    const { metrics, engine } = this.parts;
    const [size = 0, free = 0, expiry, damaged = 0, galleryMemoryShare] = await Promise.all(
      [
        'symface_data_disk_size_bytes',
        'symface_data_disk_free_bytes',
        'symface_tls_certificate_expiry_timestamp_seconds',
        'symface_damaged_templates_total',
        'symface_gallery_memory_share',
      ].map(async (name) => metrics.largest(name)),
    );
    return {
      oldestQueuedImageAgeSeconds: engine.oldestQueuedMs / 1000,
      freeDiskShare: size > 0 ? free / size : undefined,
      secondsUntilCertificateExpires: expiry === undefined ? undefined : expiry - Date.now() / 1000,
      damagedTemplateCount: damaged,
      galleryMemoryShare,
    };
  }
}
