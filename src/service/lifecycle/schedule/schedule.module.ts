import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { BackgroundJobs } from '../../jobs/background-jobs.js';
import { ActiveModelStore } from '../../models/serving/active-model.store.js';
import { ClosingSteps } from '../../platform/closing-steps.js';
import type { Configuration } from '../../platform/configuration/configuration.js';
import { Database } from '../../platform/database/database.js';
import { CONFIGURATION, LOGGER } from '../../platform/process-context.js';
import { feature, provide } from '../../platform/provide.js';
import { CreateTraining } from '../retraining/create-training.js';
import { RetrainingModule } from '../retraining/retraining.module.js';
import { FollowTrainingSchedule } from './follow-training-schedule.js';
import { ManageTrainingSchedule } from './manage-training-schedule.js';
import { TrainingScheduleStore } from './training-schedule.store.js';
import { TrainingScheduleController } from './training-schedule.controller.js';

/** Trainings that nobody asks for: by the clock, or after so many new faces. */
@Module(
  feature({
    imports: [RetrainingModule],
    controllers: [TrainingScheduleController],
    providers: [
      provide(TrainingScheduleStore, [Database], (database) => new TrainingScheduleStore(database)),
      provide(ManageTrainingSchedule, [TrainingScheduleStore], (store) => new ManageTrainingSchedule(store)),
      provide(
        FollowTrainingSchedule,
        [TrainingScheduleStore, ActiveModelStore, CreateTraining, BackgroundJobs, LOGGER],
        (store, active, training, jobs, logger) =>
          new FollowTrainingSchedule({
            store,
            active,
            training,
            wake: () => {
              jobs.wake('training');
            },
            onSettled: ({ jobId, failure }) => {
              if (failure === undefined) logger.info({ jobId }, 'the schedule has queued a training');
              else
                logger.warn(
                  { reason: failure.reason },
                  `the schedule queues no training: ${failure.message}`,
                );
            },
            onFailure: (error) => {
              logger.error({ err: error }, 'cannot look at the training schedule; trying again');
            },
          }),
      ),
    ],
  }),
)
export class ScheduleModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(FollowTrainingSchedule) private readonly follow: FollowTrainingSchedule,
    @Inject(ClosingSteps) private readonly closing: ClosingSteps,
  ) {}

  /** Whoever works on trainings also queues those that are due. */
  onApplicationBootstrap(): void {
    if (this.configuration.queues.includes('training')) this.follow.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.closing.run('the training schedule', async () => this.follow.close());
  }
}
