import type { Provider } from '@nestjs/common';
import { PostgresActiveModelStore } from '../../models/serving/postgres-active-model-store.js';
import { PostgresTrainingScheduleStore } from './postgres-training-schedule-store.js';
import { cronDueTimes } from './cron-due-times.js';
import type { Logger } from '../../platform/telemetry/logger.js';
import { BackgroundJobs } from '../../jobs/background-jobs.js';
import { ManageTrainingJobs } from '../retraining/manage-training-jobs.js';
import { FollowTrainingSchedule } from './follow-training-schedule.js';
import { ManageTrainingSchedule } from './manage-training-schedule.js';
import type { Storage } from '../../platform/open-storage.js';

/** The training schedule: how it is set, and what sees to it. */
export function scheduleProviders(logger: Logger, { database, box }: Storage): Provider[] {
  const store = new PostgresTrainingScheduleStore(database);
  return [
    { provide: ManageTrainingSchedule, useValue: new ManageTrainingSchedule(store, cronDueTimes) },
    {
      provide: FollowTrainingSchedule,
      useFactory: (trainings: ManageTrainingJobs, jobs: BackgroundJobs) =>
        new FollowTrainingSchedule({
          store,
          dueTimes: cronDueTimes,
          active: new PostgresActiveModelStore(database, box),
          trainings,
          wake: () => {
            jobs.wake('training');
          },
          onSettled: ({ jobId, failure }) => {
            if (failure === undefined) logger.info({ jobId }, 'the schedule has queued a training');
            else
              logger.warn({ reason: failure.reason }, `the schedule queues no training: ${failure.message}`);
          },
          onFailure: (error) => {
            logger.error({ err: error }, 'cannot look at the training schedule; trying again');
          },
        }),
      inject: [ManageTrainingJobs, BackgroundJobs],
    },
  ];
}
