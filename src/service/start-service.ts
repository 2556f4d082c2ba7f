import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import type { HttpsOptions } from '@nestjs/common/interfaces/external/https-options.interface.js';
import type { TlsCertificates } from './platform/grpc/server-credentials.js';
import type { ProcessContext } from './platform/process-context.js';
import { NestLogger } from './platform/telemetry/logger.js';
import { ServiceModule } from './service.module.js';

/**
 * Brings the features of a process up, then what it listens on. Where anything fails, all that had begun is closed.
 * @param listen opens the process's ports
 * @throws what a feature's start or `listen` throws
 */
export async function startService(
  context: ProcessContext,
  listen: (app: INestApplication) => Promise<void>,
): Promise<INestApplication> {
  const app = await created(context);
  app.useLogger(new NestLogger(context.logger));
  try {
    await app.init();
    await listen(app);
  } catch (error) {
    await app.close().catch((reason: unknown) => {
      context.logger.error({ err: reason }, 'closing after a failed start failed too');
    });
    throw error;
  }
  return app;
}

/** TLS of the HTTP port; where the gRPC port asks for client certificates, it does, too. */
function httpsOptions({ certificate, key, clientCa }: TlsCertificates): HttpsOptions {
  const client = clientCa === null ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return { cert: certificate, key, ...client };
}

/** The features, of which none has begun. Where they cannot be made, no application is there to close the storage. */
async function created(context: ProcessContext): Promise<INestApplication> {
  // The options' type is a class that Nest does not export: plain options are how it is meant to be called.
  const options = {
    abortOnError: false,
    logger: false,
    // The bridge reads bodies itself; no controller has one.
    bodyParser: false,
    ...(context.httpTls === undefined ? {} : { httpsOptions: httpsOptions(context.httpTls) }),
  } as const;
  try {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    return await NestFactory.create(ServiceModule.of(context), options);
  } catch (error) {
    await context.storage.database.close().catch((reason: unknown) => {
      context.logger.error({ err: reason }, 'closing after a failed start failed too');
    });
    throw error;
  }
}
