import type { InferenceEngine } from '../../inference/workers/inference-engine.js';
import type { JobQueue } from '../jobs/job-queue.js';
import type { Configuration } from '../platform/configuration/configuration.js';
import type { Database } from '../platform/database/database.js';
import type { Readiness } from '../platform/readiness.js';
import type { Metrics } from '../platform/telemetry/metrics.js';
import type { ReplicaStore } from './replica.store.js';

interface ServiceStatusParts {
  readonly metrics: Metrics;
  readonly engine: Pick<InferenceEngine, 'queuedImages' | 'runningWorkers'>;
  readonly readiness: Readiness;
  readonly database: Pick<Database, 'takesChanges' | 'description'>;
  readonly jobs: Pick<JobQueue, 'counts' | 'oldestDueAgeSeconds'>;
  readonly replicas: Pick<ReplicaStore, 'list'>;
  readonly configuration: Pick<Configuration, 'queueCapacity' | 'workerCount'>;
}

/** Says how this gateway and the service do. What the database knows is empty while it does not answer. */
export class ServiceStatus {
  private readonly startTime = new Date(Date.now() - process.uptime() * 1000);

  constructor(private readonly parts: ServiceStatusParts) {}

  async read() {
    const { metrics, engine, readiness, jobs, replicas, configuration } = this.parts;
    const [database, isReady] = await Promise.all([this.database(), readiness.isReady()]);
    const [calls, jobCounts, oldestDueJobAgeSeconds, present] = await Promise.all([
      metrics.statistics(),
      database.answers ? jobs.counts().catch(() => []) : [],
      database.answers ? jobs.oldestDueAgeSeconds().catch(() => 0) : 0,
      database.answers ? replicas.list().catch(() => []) : [],
    ]);
    return {
      startTime: this.startTime,
      isReady,
      ...calls,
      inference: {
        queuedImageCount: engine.queuedImages,
        queueCapacity: configuration.queueCapacity,
        runningWorkerCount: engine.runningWorkers,
        configuredWorkerCount: configuration.workerCount,
        lostWorkerCount: calls.lostWorkerCount,
        shedCallCount: calls.shedCallCount,
      },
      database,
      jobCounts,
      oldestDueJobAgeSeconds,
      replicas: present,
    };
  }

  private async database() {
    const { database } = this.parts;
    const startedAtMs = performance.now();
    const answers = await database.takesChanges();
    return { answers, latencyMs: performance.now() - startedAtMs, description: database.description };
  }
}
