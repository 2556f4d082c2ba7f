import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { Database } from '../platform/database/database.js';
import { DatabaseHealth } from '../platform/database/database-health.js';
import { CONFIGURATION, LOGGER } from '../platform/process-context.js';
import { feature, provide } from '../platform/provide.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { jobKinds } from '../platform/configuration/job-kinds.js';
import { BackgroundJobs } from './background-jobs.js';
import { JobTypes } from './job-type.js';
import { JobsController } from './jobs.controller.js';
import { jobStates } from './job.js';
import { type JobCount, JobQueue } from './job-queue.js';

/** The counts with a 0 for each kind and state of which there is no job: a first failure is seen as a rise. */
function everyCount(counts: readonly JobCount[]): readonly JobCount[] {
  return jobKinds.flatMap((kind) =>
    jobStates.map((state) => {
      const found = counts.find((count) => count.kind === kind && count.state === state);
      return found ?? { kind, state, count: 0 };
    }),
  );
}

/** Work that outlives the process that asked for it. Each feature registers its kind. */
@Module(
  feature({
    imports: [AccessModule],
    controllers: [JobsController],
    providers: [
      provide(JobTypes, [], () => new JobTypes()),
      provide(JobQueue, [Database, DatabaseHealth, Metrics], (database, health, metrics) => {
        const queue = new JobQueue(database);
        metrics.watchJobs(async () => health.ask(async () => everyCount(await queue.counts())));
        return queue;
      }),
      provide(
        BackgroundJobs,
        [JobQueue, JobTypes, CONFIGURATION, LOGGER],
        (queue, types, { queues }, logger) => new BackgroundJobs(queue, types, queues, logger),
      ),
    ],
  }),
)
export class JobsModule {}
