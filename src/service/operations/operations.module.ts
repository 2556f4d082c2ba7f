import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import { EncryptionModule } from '../encryption/encryption.module.js';
import { JobQueue } from '../jobs/job-queue.js';
import { ShadowModule } from '../lifecycle/shadow/shadow.module.js';
import { ClosingSteps } from '../platform/closing-steps.js';
import type { Configuration } from '../platform/configuration/configuration.js';
import { Database } from '../platform/database/database.js';
import { DataKeys } from '../platform/encryption/data-keys.js';
import { DatabaseHealth } from '../platform/database/database-health.js';
import { packageVersion } from '../platform/package-version.js';
import { ARTIFACT_STORE, CONFIGURATION, PROCESS_ROLE } from '../platform/process-context.js';
import { feature, provide } from '../platform/provide.js';
import { Readiness } from '../platform/readiness.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { BackupController } from './backup/backup.controller.js';
import { CreateBackup } from './backup/create-backup.js';
import { AnnounceReplica } from './announce-replica.js';
import { OperationsStatusController } from './operations.controller.js';
import { lastBackupTime } from './last-backup-time.js';
import { watchOperations } from './operations-metrics.js';
import { ReplicaStore } from './replica.store.js';
import { ServiceStatus } from './service-status.js';

/** How the service does, for the people who run it. */
@Module(
  feature({
    imports: [ShadowModule, EncryptionModule],
    controllers: [OperationsStatusController, BackupController],
    providers: [
      provide(ReplicaStore, [Database], (database) => new ReplicaStore(database)),
      provide(AnnounceReplica, [ReplicaStore, InferenceEngine, PROCESS_ROLE], (store, engine, role) => {
        const itself = { id: randomUUID(), host: hostname(), role, serviceVersion: packageVersion() };
        return new AnnounceReplica(store, () => ({
          ...itself,
          backbone: engine.served?.backboneId ?? '',
          detector: engine.served?.detectorId ?? '',
        }));
      }),
      provide(
        CreateBackup,
        [Database, ARTIFACT_STORE, DataKeys, CONFIGURATION],
        (database, artifacts, { masters }, configuration) =>
          new CreateBackup({ database, artifacts, masterKey: masters.configured, configuration }),
      ),
      provide(
        ServiceStatus,
        [Metrics, InferenceEngine, Readiness, Database, JobQueue, ReplicaStore, CONFIGURATION],
        (metrics, engine, readiness, database, jobs, replicas, configuration) =>
          new ServiceStatus({ metrics, engine, readiness, database, jobs, replicas, configuration }),
      ),
    ],
  }),
)
export class OperationsModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(AnnounceReplica) private readonly announce: AnnounceReplica,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(DatabaseHealth) private readonly database: DatabaseHealth,
    @Inject(ReplicaStore) private readonly replicas: ReplicaStore,
    @Inject(JobQueue) private readonly jobs: JobQueue,
    @Inject(Database) private readonly sql: Database,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CreateBackup) private readonly backups: CreateBackup,
    @Inject(ClosingSteps) private readonly closing: ClosingSteps,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.backups.removeLeft();
    watchOperations({
      registry: this.metrics.registry,
      database: this.database,
      replicas: async () => this.replicas.list(),
      oldestDueJobAgeSeconds: async () => this.jobs.oldestDueAgeSeconds(),
      lastBackupTime: async () => lastBackupTime(this.sql),
      version: packageVersion(),
      dataFolder: this.configuration.dataFolder,
      certificateFile: this.configuration.tls?.certificateFile,
    });
    this.announce.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.closing.run('the announcement to other replicas', async () => this.announce.close());
  }
}
