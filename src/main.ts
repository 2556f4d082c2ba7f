import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import type { ServerCredentials } from '@grpc/grpc-js';
import { GalleryStorage } from './service/enrolment/gallery/gallery-storage.js';
import { authenticationInterceptor } from './service/access/authentication-interceptor.js';
import { ERROR_REPORTER, type ErrorReporter } from './service/platform/grpc/error-reporter.js';
import { GrpcHealth, grpcTransport } from './service/platform/grpc/grpc-transport.js';
import { serverCredentials } from './service/platform/grpc/server-credentials.js';
import { PostgresJobQueue } from './service/jobs/postgres-job-queue.js';
import { requireTrainingProvider } from './service/lifecycle/retraining/require-training-provider.js';
import { callMetricsInterceptor } from './service/platform/telemetry/call-interceptor.js';
import { createLogger, type Logger, NestLogger } from './service/platform/telemetry/logger.js';
import { Metrics } from './service/platform/telemetry/metrics.js';
import { InferenceEngine } from './inference/workers/inference-engine.js';
import { AppModule } from './app.module.js';
import { FollowActiveModels } from './service/models/serving/follow-active-models.js';
import { ShadowVerifications } from './service/lifecycle/shadow/shadow-verifications.js';
import { ServeActiveModels } from './service/models/serving/serve-active-models.js';
import { RunEvaluations } from './service/evaluation/run-evaluations.js';
import { Authenticate } from './service/access/keys/authenticate.js';
import { BackgroundJobs } from './service/jobs/background-jobs.js';
import { FollowTrainingSchedule } from './service/lifecycle/schedule/follow-training-schedule.js';
import type { ServedModels } from './inference/analyser/face-analysis.js';
import type { Configuration } from './service/platform/configuration/configuration.js';
import { adoptFormerlyActive } from './service/models/model-providers.js';
import { openStorage } from './service/platform/open-storage.js';
import { trainingEntryPoint } from './service/lifecycle/retraining/training-providers.js';

/** A server that takes calls. */
export interface RunningServer {
  readonly grpcAddress: string;
  readonly httpAddress: string;
  readonly models: ServedModels;
  readonly engine: string;
  readonly database: string;
  readonly access: string;
  /** Finishes the calls that were accepted, then closes; forced after the configured drain time. */
  close(): Promise<void>;
}

/**
 * Starts workers, gRPC and HTTP; resolves once calls are served.
 * @throws Failure MODEL_NOT_FOUND or MODEL_INVALID where the models cannot serve; Error where a port is taken
 */
export async function startServer(configuration: Configuration): Promise<RunningServer> {
  const logger = createLogger(configuration.logLevel);
  const credentials = await serverCredentials(configuration.tls);
  if (configuration.queues.includes('training')) {
    await requireTrainingProvider(configuration.trainingProvider, trainingEntryPoint);
  }
  const storage = await openStorage(configuration, logger);
  // The options' type is a class that Nest does not export: plain options are how it is meant to be called.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
  const app = await NestFactory.create(AppModule.create(configuration, logger, storage), {
    abortOnError: false,
    logger: false,
  });
  app.useLogger(new NestLogger(logger));
  const engine = app.get(InferenceEngine);
  const health = new GrpcHealth();
  try {
    await adoptFormerlyActive(configuration, storage);
    const pair = await app.get(ServeActiveModels).execute();
    app.get(FollowActiveModels).start();
    app.get(ShadowVerifications).start();
    await listen(app, configuration, health, credentials);
    health.setServing(true);
    await app.get(RunEvaluations).resume();
    if (configuration.databaseUrl === undefined) await app.get(PostgresJobQueue).takeAllFromLostWorkers();
    app.get(BackgroundJobs).start();
    // Whoever works on trainings also queues those that are due.
    if (configuration.queues.includes('training')) app.get(FollowTrainingSchedule).start();
    logger.info({ backbone: pair.backbone.version.id, detector: pair.detector.version.id }, 'serving');
  } catch (error) {
    await app.get(ShadowVerifications).close();
    await Promise.all([app.get(FollowActiveModels).close(), app.get(FollowTrainingSchedule).close()]);
    await app.close().catch(() => undefined);
    await engine.close();
    await app.get(GalleryStorage).close();
    await storage.database.close();
    throw error;
  }
  return {
    grpcAddress: `${configuration.host}:${configuration.grpcPort}`,
    httpAddress: `http://${configuration.httpHost}:${configuration.httpPort}`,
    models: servedModels(engine),
    engine: `ONNX Runtime, CPU, ${configuration.workerCount} workers x ${configuration.threadsPerWorker} threads`,
    database: storage.database.description,
    access: accessOf(configuration),
    close: async () => {
      await drain(app, engine, health, configuration.drainTimeoutMs, logger);
      await app.get(GalleryStorage).close();
      await storage.database.close();
    },
  };
}

async function listen(
  app: INestApplication,
  configuration: Configuration,
  health: GrpcHealth,
  credentials: ServerCredentials,
): Promise<void> {
  const address = `${configuration.host}:${configuration.grpcPort}`;
  const authenticate = configuration.authentication === 'api-key' ? app.get(Authenticate) : undefined;
  const errors: ErrorReporter = app.get(ERROR_REPORTER);
  const interceptors = [
    callMetricsInterceptor(app.get(Metrics)),
    authenticationInterceptor(authenticate, errors),
  ];
  const transport = grpcTransport(address, health, interceptors, credentials);
  app.connectMicroservice(transport);
  await app.startAllMicroservices();
  await app.listen(configuration.httpPort, configuration.httpHost);
}

function accessOf({ tls, authentication }: Configuration): string {
  const transport = tls === undefined ? 'plaintext' : tls.clientCaFile === undefined ? 'TLS' : 'mutual TLS';
  return `${transport}, ${authentication === 'api-key' ? 'API keys' : 'no API keys'}`;
}

function servedModels(engine: InferenceEngine): ServedModels {
  if (engine.served === undefined) throw new Error('the engine serves nothing after it was started');
  return engine.served;
}

/** Health first, so that balancers look elsewhere; then no new calls; then the workers. */
async function drain(
  app: INestApplication,
  engine: InferenceEngine,
  health: GrpcHealth,
  timeoutMs: number,
  logger: Logger,
): Promise<void> {
  health.setServing(false);
  await app.get(FollowTrainingSchedule).close();
  // Both go on after the next start, or on another replica.
  await Promise.all([app.get(RunEvaluations).close(), app.get(BackgroundJobs).close()]);
  await app.get(ShadowVerifications).close();
  await app.get(FollowActiveModels).close();
  logger.info({ timeoutMs }, 'draining: accepted calls are finished, new ones refused');
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<'timed out'>((resolve) => {
    timer = setTimeout(() => {
      resolve('timed out');
    }, timeoutMs);
  });
  const closed = app.close().then(async () => engine.close());
  const outcome = await Promise.race([closed, timedOut]);
  clearTimeout(timer);
  if (outcome === 'timed out') {
    logger.warn('the drain time is over: ending the calls that are left');
    engine.stop();
  }
}
