import type { Server as HttpServer } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { type ServerCredentials, setLogger } from '@grpc/grpc-js';
import type { ServedModels } from './inference/analyser/face-analysis.js';
import { InferenceEngine } from './inference/workers/inference-engine.js';
import { authenticationInterceptor } from './service/access/authentication-interceptor.js';
import { streamAccessInterceptor } from './service/access/stream-access-interceptor.js';
import { CallLimits } from './service/access/limits/call-limits.js';
import { Authenticate } from './service/access/keys/authenticate.js';
import { BackgroundJobs } from './service/jobs/background-jobs.js';
import { giveJobsBack } from './service/jobs/give-jobs-back.js';
import { ClosingSteps } from './service/platform/closing-steps.js';
import type { Configuration } from './service/platform/configuration/configuration.js';
import { budgetInterceptor } from './service/platform/grpc/budget-interceptor.js';
import { RequestBudgets } from './service/platform/grpc/request-budgets.js';
import { requestLimitsInterceptor } from './service/platform/grpc/request-limits.js';
import { deadlineInterceptor } from './service/platform/grpc/deadline-interceptor.js';
import { ERROR_REPORTER } from './service/platform/grpc/error-reporter.js';
import { GrpcEndpoint, grpcTransport } from './service/platform/grpc/grpc-transport.js';
import { innerSocket } from './service/platform/grpc/inner-socket.js';
import {
  readTlsCertificates,
  serverCredentials,
  wrongDates,
} from './service/platform/grpc/server-credentials.js';
import { handOverConnections } from './service/platform/http/hand-over.js';
import { boundPipelines } from './service/platform/http/pipelined-requests.js';
import { packageVersion } from './service/platform/package-version.js';
import { listenAtPort } from './service/platform/port-in-use.js';
import type { ProcessContext } from './service/platform/process-context.js';
import { OpenConnections } from './service/platform/open-connections.js';
import { connectionsWithin } from './service/platform/open-files.js';
import { hostAndPort } from './service/platform/network-address.js';
import { Readiness } from './service/platform/readiness.js';
import { openStorage } from './service/platform/open-storage.js';
import { callInterceptor } from './service/platform/telemetry/call-interceptor.js';
import { CallObservers } from './service/platform/telemetry/call-observers.js';
import { createLogger, type Logger } from './service/platform/telemetry/logger.js';
import { drain } from './service/drain.js';
import { usableConfiguration } from './service/usable-configuration.js';
import { startService } from './service/start-service.js';
import { tables } from './service/tables.js';

/** A server that takes calls. */
export interface RunningServer {
  readonly grpcAddress: string;
  readonly httpAddress: string;
  /** Of the console; undefined where calls are not taken over HTTP. */
  readonly consoleAddress: string | undefined;
  readonly models: ServedModels;
  readonly engine: string;
  readonly database: string;
  readonly access: string;
  readonly configuration: Configuration;
  /** Finishes the calls that were accepted, then closes; forced after the configured drain time. */
  close(): Promise<void>;
}

/**
 * Starts the gateway: workers, gRPC and HTTP; resolves once calls are served.
 * @throws ConfigurationError where this machine lacks a provider; Failure MODEL_NOT_FOUND or MODEL_INVALID where the models
 *   cannot serve; Error where a port is taken
 */
export async function startServer(given: Configuration): Promise<RunningServer> {
  const logger = createLogger(given.logLevel);
  logGrpc(logger);
  const certificates = given.tls === undefined ? undefined : await readTlsCertificates(given.tls);
  const dates = certificates && wrongDates(certificates, new Date());
  if (dates !== undefined)
    logger.warn(`no client takes the certificate of this service: ${dates}. Renew it, and restart`);
  const configuration = await usableConfiguration(given, true);
  const inner = configuration.httpApi.isServed ? await innerSocket() : undefined;
  const storage = await openStorage(configuration, logger, tables).catch(async (error: unknown) => {
    await inner?.remove();
    throw error;
  });
  const { receiveTimeoutMs, maximumConnectionAgeMs } = configuration;
  const maximumConnections = connectionsWithin(configuration.maximumConnections);
  if (maximumConnections < configuration.maximumConnections)
    logger.warn(
      { maximumConnections, wanted: configuration.maximumConnections },
      'this process may open few files: each port takes fewer connections than SYMFACE_MAX_CONNECTIONS says; raise "ulimit -n"',
    );
  const endpoint = new GrpcEndpoint(receiveTimeoutMs, {
    maximumCount: maximumConnections,
    maximumAgeMs: maximumConnectionAgeMs,
  });
  const httpConnections = new OpenConnections(maximumConnections);
  const context = {
    role: 'gateway',
    configuration,
    logger,
    storage,
    innerGrpcAddress: inner?.address,
    httpTls: configuration.httpApi.hasTls ? certificates : undefined,
  } as const;
  const app = await startService(context, async (starting) => {
    const http = starting.getHttpServer() as HttpServer;
    httpConnections.watch(http);
    httpConnections.watchCalls(http);
    await listen(starting, context, endpoint, serverCredentials(certificates)).catch((error: unknown) => {
      // Calls that came while the other port was found taken: nobody waits for what does not start.
      endpoint.disconnect();
      throw error;
    });
  }).catch(async (error: unknown) => {
    await inner?.remove();
    throw error;
  });
  endpoint.setServing(true);
  const models = servedModels(app.get(InferenceEngine));
  const scheme = configuration.httpApi.hasTls ? 'https' : 'http';
  const httpAddress = `${scheme}://${hostAndPort(configuration.httpHost, httpPortOf(app) ?? configuration.httpPort)}`;
  logger.info(startLine(configuration, storage.database.description), 'serving');
  return {
    grpcAddress: hostAndPort(configuration.host, endpoint.port ?? configuration.grpcPort),
    httpAddress,
    consoleAddress: configuration.httpApi.isServed ? `${httpAddress}/console/` : undefined,
    models,
    engine: engineOf(configuration),
    database: storage.database.description,
    access: accessOf(configuration),
    configuration,
    close: async () => {
      await drain({
        app,
        httpConnections,
        endpoint,
        readiness: app.get(Readiness),
        engine: app.get(InferenceEngine),
        giveJobsBack: async () => giveJobsBack(app.get(BackgroundJobs), app.get(ClosingSteps)),
        logger,
        delayMs: configuration.drainDelayMs,
        timeoutMs: configuration.drainTimeoutMs,
      }).finally(() => inner?.remove());
    },
  };
}

/** What grpc-js would print between the lines of the log. */
function logGrpc(logger: Logger): void {
  const debug = (message: unknown): void => {
    logger.debug(String(message));
  };
  const error = (message: unknown): void => {
    // Whoever listens is told why, and tells it.
    if (String(message).includes('No address added')) debug(message);
    else logger.warn({ cause: String(message) }, 'gRPC reports');
  };
  setLogger({ error, info: debug, debug });
}

async function listen(
  app: INestApplication,
  { configuration, innerGrpcAddress }: ProcessContext,
  endpoint: GrpcEndpoint,
  credentials: ServerCredentials,
): Promise<void> {
  const address = hostAndPort(configuration.host, configuration.grpcPort);
  const authenticate = configuration.authentication === 'api-key' ? app.get(Authenticate) : undefined;
  const interceptors = [
    callInterceptor(app.get(CallObservers)),
    endpoint.interceptor,
    requestLimitsInterceptor(app.get(ERROR_REPORTER)),
    deadlineInterceptor(configuration.defaultDeadlineMs),
    authenticationInterceptor(authenticate, app.get(ERROR_REPORTER), app.get(CallLimits)),
    ...(authenticate === undefined ? [] : [streamAccessInterceptor(authenticate, app.get(ERROR_REPORTER))]),
    budgetInterceptor(app.get(RequestBudgets), app.get(ERROR_REPORTER)),
  ];
  app.connectMicroservice(
    grpcTransport(address, endpoint, interceptors, credentials, configuration.maximumCalls),
  );
  const { grpcPort, httpPort } = configuration;
  await listenAtPort('SYMFACE_GRPC_PORT', grpcPort, async () => app.startAllMicroservices());
  if (innerGrpcAddress !== undefined) await endpoint.listenAt(innerGrpcAddress);
  const readiness = app.get(Readiness);
  const http = app.getHttpServer() as HttpServer;
  boundPipelines(http);
  http.headersTimeout = Math.min(http.headersTimeout, configuration.receiveTimeoutMs);
  handOverConnections(http, configuration.maximumConnectionAgeMs, () => readiness.isClosing);
  await listenAtPort('SYMFACE_HTTP_PORT', httpPort, async () => app.listen(httpPort, configuration.httpHost));
}

/** The port that the system chose where 0 was asked for. */
function httpPortOf(app: INestApplication): number | undefined {
  const address = (app.getHttpServer() as HttpServer).address();
  return typeof address === 'object' ? address?.port : undefined;
}

/** What of the settings whoever reads the log wants to know: no secret, and no address of the database's user. */
function startLine(configuration: Configuration, database: string): Record<string, unknown> {
  const { host, grpcPort, httpHost, httpPort, httpApi, queues } = configuration;
  return {
    version: packageVersion(),
    node: process.version,
    pid: process.pid,
    grpc: hostAndPort(host, grpcPort),
    http: hostAndPort(httpHost, httpPort),
    httpApi: httpApi.isServed,
    access: accessOf(configuration),
    engine: engineOf(configuration),
    queueCapacity: configuration.queueCapacity,
    jobs: queues,
    database,
    artifacts: configuration.artifactStore,
    dataFolder: configuration.dataFolder,
  };
}

const providerNames = { cpu: 'CPU', cuda: 'CUDA', webgpu: 'WebGPU' } as const;

function engineOf({ servingProvider, workerCount, threadsPerWorker }: Configuration): string {
  return `ONNX Runtime, ${providerNames[servingProvider]}, ${workerCount} workers x ${threadsPerWorker} threads`;
}

function accessOf({ tls, authentication }: Configuration): string {
  const transport = tls === undefined ? 'plaintext' : tls.clientCaFile === undefined ? 'TLS' : 'mutual TLS';
  return `${transport}, ${authentication === 'api-key' ? 'API keys' : 'no API keys'}`;
}

function servedModels({ served }: InferenceEngine): ServedModels {
  if (served === undefined) throw new Error('the engine serves nothing after it was started');
  return served;
}
