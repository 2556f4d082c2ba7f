import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { Database } from '../platform/database/database.js';
import { CONFIGURATION, LOGGER } from '../platform/process-context.js';
import { feature, provide } from '../platform/provide.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { BackgroundJobs } from './background-jobs.js';
import { PostgresJobQueue } from './postgres-job-queue.js';

/** Work that outlives the process that asked for it. Features register how their kinds of jobs are done. */
@Module(
  feature({
    imports: [AccessModule],
    providers: [
      provide(PostgresJobQueue, [Database, Metrics], (database, metrics) => {
        const queue = new PostgresJobQueue(database);
        metrics.watchJobs(async () => queue.counts());
        return queue;
      }),
      provide(
        BackgroundJobs,
        [PostgresJobQueue, CONFIGURATION, LOGGER],
        (queue, { queues }, logger) => new BackgroundJobs(queue, queues, logger),
      ),
    ],
  }),
)
export class JobsModule {}
