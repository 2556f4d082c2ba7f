import { availableParallelism } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const packageFolder = fileURLToPath(new URL('../../', import.meta.url));
const mebibyte = 1024 * 1024;

const loopbackHosts = ['127.0.0.1', '::1', 'localhost'] as const;
const port = z.coerce.number().int().min(0).max(65_535);
const positiveInteger = z.coerce.number().int().positive();

/** Every setting, its environment variable and its default. The only reader of `process.env`. */
const environmentSchema = z.object({
  // There are no credentials yet, so nothing but this machine may reach the service.
  SYMFACE_HOST: z
    .enum(loopbackHosts, {
      error:
        'must be 127.0.0.1, ::1 or localhost: the service has no credentials yet and binds loopback only',
    })
    .default('127.0.0.1'),
  SYMFACE_GRPC_PORT: port.default(50_051),
  SYMFACE_HTTP_PORT: port.default(50_052),
  SYMFACE_DATA_DIR: z.string().min(1).default(join(packageFolder, '.symface')),
  SYMFACE_WORKERS: positiveInteger.max(256).optional(),
  SYMFACE_THREADS_PER_WORKER: positiveInteger.max(256).default(1),
  SYMFACE_MAX_BATCH_SIZE: positiveInteger.max(256).default(8),
  SYMFACE_QUEUE_CAPACITY: positiveInteger.default(64),
  SYMFACE_MAX_IMAGE_BYTES: positiveInteger.max(16 * mebibyte).default(16 * mebibyte),
  SYMFACE_MAX_IMAGE_PIXELS: positiveInteger.default(50_000_000),
  SYMFACE_DEFAULT_DEADLINE_MS: positiveInteger.default(60_000),
  SYMFACE_DRAIN_TIMEOUT_MS: positiveInteger.default(30_000),
  SYMFACE_LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
});

export interface Configuration {
  readonly host: string;
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly dataFolder: string;
  readonly workerCount: number;
  readonly threadsPerWorker: number;
  readonly maximumBatchSize: number;
  /** Images that may wait for a worker before calls are refused. */
  readonly queueCapacity: number;
  readonly maximumImageBytes: number;
  readonly maximumImagePixels: number;
  /** For calls that bring no deadline of their own. */
  readonly defaultDeadlineMs: number;
  readonly drainTimeoutMs: number;
  readonly logLevel: string;
}

/** A setting that cannot be used; the message names each variable and what it takes. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Reads and checks the configuration.
 * @param environment variables by name
 * @throws ConfigurationError naming every wrong variable
 */
export function readConfiguration(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Configuration {
  const parsed = environmentSchema.safeParse(withoutEmpty(environment));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigurationError(`Wrong settings in the environment:\n${problems.join('\n')}`);
  }
  const settings = parsed.data;
  return {
    host: settings.SYMFACE_HOST,
    grpcPort: settings.SYMFACE_GRPC_PORT,
    httpPort: settings.SYMFACE_HTTP_PORT,
    dataFolder: absolute(settings.SYMFACE_DATA_DIR),
    workerCount:
      settings.SYMFACE_WORKERS ??
      Math.max(1, Math.floor(availableParallelism() / settings.SYMFACE_THREADS_PER_WORKER)),
    threadsPerWorker: settings.SYMFACE_THREADS_PER_WORKER,
    maximumBatchSize: settings.SYMFACE_MAX_BATCH_SIZE,
    queueCapacity: settings.SYMFACE_QUEUE_CAPACITY,
    maximumImageBytes: settings.SYMFACE_MAX_IMAGE_BYTES,
    maximumImagePixels: settings.SYMFACE_MAX_IMAGE_PIXELS,
    defaultDeadlineMs: settings.SYMFACE_DEFAULT_DEADLINE_MS,
    drainTimeoutMs: settings.SYMFACE_DRAIN_TIMEOUT_MS,
    logLevel: settings.SYMFACE_LOG_LEVEL,
  };
}

/** `VARIABLE= npm start` means "not set". */
function withoutEmpty(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const set = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return Object.fromEntries(set);
}

function absolute(folder: string): string {
  return isAbsolute(folder) ? folder : join(process.cwd(), folder);
}
