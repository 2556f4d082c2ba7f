import { getHeapStatistics } from 'node:v8';
import {
  type DynamicModule,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { artifactStoreOf } from './artifacts/artifact-store-of.js';
import { ClosingSteps } from './closing-steps.js';
import type { Configuration } from './configuration/configuration.js';
import { Database } from './database/database.js';
import { DatabaseHealth } from './database/database-health.js';
import { DataKeys } from './encryption/data-keys.js';
import { ERROR_REPORTER } from './grpc/error-reporter.js';
import { GRPC_SETTINGS } from './grpc/grpc-settings.js';
import { FailureFilter } from './grpc/failure.filter.js';
import { callerCheck } from './http/bridge/caller-check.js';
import { RequestBudgets } from './grpc/request-budgets.js';
import { memoryReturn } from './memory/memory-return.js';
import { ReturnMemory } from './memory/return-memory.js';
import { OperationsController } from './http/operations.controller.js';
import {
  ARTIFACT_STORE,
  CONFIGURATION,
  LOGGER,
  PROCESS_ROLE,
  type ProcessContext,
} from './process-context.js';
import { feature, provide } from './provide.js';
import { Readiness } from './readiness.js';
import { accessLog } from './telemetry/access-log.js';
import { CallObservers } from './telemetry/call-observers.js';
import { FailureLog } from './telemetry/failure-log.js';
import type { Logger } from './telemetry/logger.js';
import { Metrics } from './telemetry/metrics.js';
import { startOpenTelemetry } from './telemetry/opentelemetry/start-open-telemetry.js';
import type { TelemetryExport } from './telemetry/opentelemetry/telemetry-export.js';

/** What every feature stands on: settings, log, database, encryption, artifacts, metrics. */
@Module({})
export class PlatformModule implements NestModule, OnModuleInit, OnApplicationShutdown {
  private exported: TelemetryExport | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DatabaseHealth) private readonly health: DatabaseHealth,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(CallObservers) private readonly observers: CallObservers,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ClosingSteps) private readonly closing: ClosingSteps,
    @Inject(ReturnMemory) private readonly memory: ReturnMemory,
  ) {}

  static of({ role, configuration, logger, storage }: ProcessContext): DynamicModule {
    const providers = [
      provide(PROCESS_ROLE, [], () => role),
      provide(CONFIGURATION, [], () => configuration),
      provide(LOGGER, [], () => logger),
      provide(ClosingSteps, [LOGGER], (log) => new ClosingSteps(log)),
      provide(Database, [], () => storage.database),
      provide(DataKeys, [], () => storage.keys),
      provide(ARTIFACT_STORE, [CONFIGURATION, Database], artifactStoreOf),
      provide(Metrics, [LOGGER], (log) => new Metrics(log)),
      provide(CallObservers, [Metrics, LOGGER, CONFIGURATION], (metrics, log, { accessLog: isLogged }) => {
        const observers = new CallObservers();
        observers.add(metrics.onCallEnded);
        if (isLogged) observers.add(accessLog(log.child({}, { level: 'info' })));
        return observers;
      }),
      provide(DatabaseHealth, [Database, LOGGER], (database, log) => new DatabaseHealth(database, log)),
      provide(Readiness, [Database], (database) => {
        const readiness = new Readiness();
        readiness.require('the database does not answer, or takes no changes', async () =>
          database.takesChanges(),
        );
        return readiness;
      }),
      provide(ERROR_REPORTER, [LOGGER], (log) => new FailureLog(log)),
      provide(GRPC_SETTINGS, [CONFIGURATION], ({ defaultDeadlineMs }) => ({ defaultDeadlineMs })),
      provide(RequestBudgets, [CONFIGURATION], (settings) => new RequestBudgets(settings)),
      provide(ReturnMemory, [], async () => {
        // As process.memoryUsage() has it, which opens a file for what is not asked here, and throws where none can be opened.
        const bufferBytes = (): number => getHeapStatistics().external_memory;
        return new ReturnMemory({ bufferBytes, giveBack: await memoryReturn() });
      }),
      provide(FailureFilter, [ERROR_REPORTER], (reporter) => new FailureFilter(reporter)),
    ];
    return {
      module: PlatformModule,
      global: true,
      ...feature({ controllers: [OperationsController], providers }),
    };
  }

  /** Metrics tell of models, hosts and load: pages of others, and names that are made to resolve here, must not read them. */
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(callerCheck(this.configuration)).forRoutes('metrics');
  }

  async onModuleInit(): Promise<void> {
    const { openTelemetry } = this.configuration;
    this.exported = await startOpenTelemetry(openTelemetry, this.metrics.registry, this.logger);
    this.memory.start();
    // The log tells of the trace.
    if (this.exported?.onCallEnded !== undefined) this.observers.addFirst(this.exported.onCallEnded);
  }

  /** Closes the database last: every feature may need it until it has closed. */
  async onApplicationShutdown(): Promise<void> {
    await this.closing.run('exported telemetry', async () => this.exported?.close());
    this.memory.close();
    this.health.close();
    await this.closing.run('the database', async () => this.database.close());
  }
}
