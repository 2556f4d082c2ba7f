import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpApiModule } from './console/http-api.module.js';
import { BackgroundJobs } from './jobs/background-jobs.js';
import { giveJobsBack } from './jobs/give-jobs-back.js';
import { OperationsModule } from './operations/operations.module.js';
import { ClosingSteps } from './platform/closing-steps.js';
import type { Configuration } from './platform/configuration/configuration.js';
import { PlatformModule } from './platform/platform.module.js';
import { CONFIGURATION, type ProcessContext } from './platform/process-context.js';

/**
 * All features of a process, gateway or job worker. Each feature imports the ones before it, so the last one brings
 * them all; their hooks run in that order at the start and in the reverse order at the end. Jobs use every feature, so
 * they begin when all stand and end before any goes.
 */
@Module({})
export class ServiceModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(BackgroundJobs) private readonly jobs: BackgroundJobs,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(ClosingSteps) private readonly closing: ClosingSteps,
  ) {}

  static of(context: ProcessContext): DynamicModule {
    const { innerGrpcAddress } = context;
    const httpApi = innerGrpcAddress === undefined ? [] : [HttpApiModule.of(innerGrpcAddress)];
    return { module: ServiceModule, imports: [PlatformModule.of(context), OperationsModule, ...httpApi] };
  }

  async onApplicationBootstrap(): Promise<void> {
    // Nobody but this process works on the jobs of an embedded database, so whoever had them before is gone.
    if (this.configuration.databaseUrl === undefined) await this.jobs.takeAllFromLostWorkers();
    this.jobs.start();
  }

  /** Gives the jobs in hand back: they go on after the next start, or on another replica. */
  async onModuleDestroy(): Promise<void> {
    await giveJobsBack(this.jobs, this.closing);
  }
}
