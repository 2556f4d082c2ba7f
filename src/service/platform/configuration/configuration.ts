import { maximumImageBytes } from '../../../contract/contract.js';
import { availableParallelism } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { connectableUrl } from '../database/postgres-url.js';
import { ConfigurationError } from './configuration-error.js';
import { type JobKind, jobKinds } from './job-kinds.js';
import { wholeNumber } from './whole-number.js';
import {
  type OpenTelemetrySettings,
  openTelemetryVariables,
  readOpenTelemetry,
} from './open-telemetry-settings.js';
import { type Precision, precisions } from '../../../core/models/precision.js';
import { type ExecutionProvider, executionProviders } from '../../../onnx/execution-provider.js';
import { type TrainingPrecision, trainingPrecisions } from '../../../learning/engines/ort-engine-options.js';
import { type TrainingProvider, trainingProviders } from '../../../learning/engines/training-provider.js';
import { defaultDataFolder } from './default-data-folder.js';

const packageFolder = fileURLToPath(new URL('../../../../', import.meta.url));
const mebibyte = 1024 * 1024;

const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);
/** A day: a timer of Node takes 24 days at most, fires at once where it is given more, and a tenth more is added. */
const longestTimerMs = 86_400_000;
/** More calls, connections or images than a process can have: beyond it, what counts them has no such number. */
const mostAtATime = 1_000_000;
/** A tebibyte. */
const mostMebibytes = 1_048_576;
/** What libvips takes. */
const mostPixels = 1_000_000_000;
const port = wholeNumber(0, 65_535);
const timeMs = wholeNumber(1, longestTimerMs);
const count = wholeNumber(1, mostAtATime);

/**
 * The settings, each with its environment variable and its default. This is the only reader of `process.env`.
 */
export const environmentSchema = z.object({
  SYMFACE_HOST: z.string().min(1).default('127.0.0.1'),
  SYMFACE_GRPC_PORT: port.default(50_051),
  SYMFACE_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  SYMFACE_HTTP_PORT: port.default(50_052),
  SYMFACE_HTTP_API: z.enum(['on', 'off']).optional(),
  SYMFACE_HTTP_TLS: z.enum(['true', 'false']).default('false'),
  SYMFACE_HTTP_ORIGINS: z.string().transform(readOrigins).default([]),
  SYMFACE_AUTHENTICATION: z.enum(['none', 'api-key']).optional(),
  SYMFACE_TLS_CERTIFICATE_FILE: z.string().min(1).optional(),
  SYMFACE_TLS_KEY_FILE: z.string().min(1).optional(),
  SYMFACE_TLS_CLIENT_CA_FILE: z.string().min(1).optional(),
  SYMFACE_ALLOW_INSECURE: z.enum(['true', 'false']).default('false'),
  DATABASE_URL: z.string().min(1).optional(),
  SYMFACE_DATABASE_LISTEN_URL: z.string().min(1).optional(),
  SYMFACE_DATABASE_CA_FILE: z.string().min(1).optional(),
  SYMFACE_DATABASE_POOL_SIZE: wholeNumber(1, 1000).default(10),
  SYMFACE_ENCRYPTION_KEY: z.string().min(1).optional(),
  SYMFACE_ENCRYPTION_KEY_FILE: z.string().min(1).optional(),
  SYMFACE_ENCRYPTION_KEY_COMMAND: z.string().transform(readCommand).optional(),
  SYMFACE_ENCRYPTION_PREVIOUS_KEY: z.string().min(1).optional(),
  SYMFACE_ENCRYPTION_PREVIOUS_KEY_FILE: z.string().min(1).optional(),
  SYMFACE_ENCRYPTION_PREVIOUS_KEY_COMMAND: z.string().transform(readCommand).optional(),
  SYMFACE_GALLERY_MEMORY_MIB: wholeNumber(1, mostMebibytes).default(1024),
  SYMFACE_DATA_DIR: z.string().min(1).default(defaultDataFolder(packageFolder, process.cwd())),
  SYMFACE_ARTIFACT_STORE: z.enum(['folder', 'database']).optional(),
  SYMFACE_REPLAY_DATA: z.string().min(1).optional(),
  SYMFACE_QUEUES: z
    .string()
    .transform(readQueues)
    .default([...jobKinds]),
  SYMFACE_PRECISION: z.enum(precisions).default('float32'),
  SYMFACE_KEPT_TRAINED_MODELS: wholeNumber(0, 10_000).default(5),
  SYMFACE_TRAINING_PROVIDER: z.enum(['auto', ...trainingProviders]).default('cpu'),
  SYMFACE_TRAINING_PRECISION: z.enum(trainingPrecisions).default('single'),
  SYMFACE_TRAINING_THREADS: wholeNumber(0, 1024).default(0),
  SYMFACE_SERVING_PROVIDER: z.enum(executionProviders).default('cpu'),
  SYMFACE_WORKERS: wholeNumber(1, 256).optional(),
  SYMFACE_THREADS_PER_WORKER: wholeNumber(1, 256).default(1),
  SYMFACE_MAX_BATCH_SIZE: wholeNumber(1, 256).default(8),
  SYMFACE_QUEUE_CAPACITY: count.default(192),
  SYMFACE_MAX_CALLS: count.default(2_000),
  SYMFACE_MAX_CONNECTIONS: count.default(2_000),
  SYMFACE_MAX_REQUEST_MIB: wholeNumber(256, mostMebibytes).default(256),
  SYMFACE_MAX_IMAGE_BYTES: wholeNumber(1, maximumImageBytes).default(maximumImageBytes),
  SYMFACE_MAX_IMAGE_PIXELS: wholeNumber(1, mostPixels).default(50_000_000),
  SYMFACE_DEFAULT_DEADLINE_MS: timeMs.default(60_000),
  SYMFACE_RECEIVE_TIMEOUT_MS: timeMs.default(60_000),
  SYMFACE_MAX_CONNECTION_AGE_MS: timeMs.optional(),
  SYMFACE_DRAIN_DELAY_MS: wholeNumber(0, 600_000).default(0),
  SYMFACE_DRAIN_TIMEOUT_MS: timeMs.default(30_000),
  SYMFACE_ACCESS_LOG: z.enum(['on', 'off']).default('on'),
  SYMFACE_LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  ...openTelemetryVariables,
});

export { ConfigurationError } from './configuration-error.js';

/** Files of the server's certificate and, for mTLS, of the authority that clients' certificates must come from. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly clientCaFile: string | undefined;
}

/** How the HTTP port serves calls and the console, beside probes. */
export interface HttpApi {
  readonly isServed: boolean;
  /** Whether the port speaks TLS, with the files of the gRPC port. */
  readonly hasTls: boolean;
  /** Other origins whose pages may call, such as `https://app.example.com`. */
  readonly allowedOrigins: readonly string[];
}

/** Where a master key comes from: the first of these that is set. */
export interface KeySource {
  /** Base64 of 32 bytes. */
  readonly key: string | undefined;
  readonly file: string | undefined;
  /** A program and its arguments, which prints the key. */
  readonly command: readonly string[] | undefined;
}

export interface Configuration {
  readonly host: string;
  readonly grpcPort: number;
  readonly httpHost: string;
  readonly httpPort: number;
  readonly httpApi: HttpApi;
  readonly authentication: 'none' | 'api-key';
  /** Plaintext where undefined. */
  readonly tls: TlsFiles | undefined;
  /** The embedded database where undefined. */
  readonly databaseUrl: string | undefined;
  /** The Postgres itself, for LISTEN, where `databaseUrl` is a pooler in front of it. */
  readonly databaseListenUrl: string | undefined;
  /** Connections to a Postgres that this process has at most. */
  readonly databasePoolSize: number;
  /** Where the master key comes from. */
  readonly encryptionKey: KeySource;
  /** Where the one of before comes from, while it is changed. */
  readonly previousEncryptionKey: KeySource;
  /** What the templates in memory for exact search may take. */
  readonly galleryMemoryBytes: number;
  readonly dataFolder: string;
  /** The place at which models, checkpoints and other large files are shared with other replicas. */
  readonly artifactStore: 'folder' | 'database';
  /** Folder, or YAML file, of a data set that trainings of this process train on besides. */
  readonly replayData: string | undefined;
  /** The precision of the backbone that comes with SymFace, where none was activated. */
  readonly precision: Precision;
  /** Versions fine-tuned here that stay, newest first, besides what serves and what served before. */
  readonly keptTrainedModels: number;
  /** The jobs that this process works on. */
  readonly queues: readonly JobKind[];
  /** The provider that trainings compute on; `auto`: a GPU where one works. */
  readonly trainingProvider: TrainingProvider | 'auto';
  readonly trainingPrecision: TrainingPrecision;
  /** The threads of an operation of a training; 0: as many as there are cores. */
  readonly trainingThreads: number;
  /** The provider that inference workers compute on. */
  readonly servingProvider: ExecutionProvider;
  readonly workerCount: number;
  readonly threadsPerWorker: number;
  readonly maximumBatchSize: number;
  /** Places for images that wait for a worker, of which no tenant and no connection gets all. */
  readonly queueCapacity: number;
  /** Calls that may be open at a time, of which no tenant and no connection gets all. */
  readonly maximumCalls: number;
  /** Connections that each port takes at a time. */
  readonly maximumConnections: number;
  /** Bytes that requests may have at a time while they come and are worked on, of which no tenant and no connection gets all. */
  readonly maximumRequestBytes: number;
  readonly maximumImageBytes: number;
  readonly maximumImagePixels: number;
  /** The deadline of calls that bring none of their own, in milliseconds. */
  readonly defaultDeadlineMs: number;
  /** How long a request may take to come, in milliseconds. */
  readonly receiveTimeoutMs: number;
  /** When clients are told to open another connection; never where undefined. */
  readonly maximumConnectionAgeMs: number | undefined;
  /** How long calls are taken after health has said that they should go elsewhere. */
  readonly drainDelayMs: number;
  readonly drainTimeoutMs: number;
  readonly logLevel: string;
  /** Whether a line a call is logged, whatever the level. */
  readonly accessLog: boolean;
  readonly openTelemetry: OpenTelemetrySettings;
}

/**
 * Reads and checks the configuration.
 * @param environment variables by name
 * @param overrides what goes before the environment, as from a command's options
 * @throws ConfigurationError naming every wrong variable
 */
export function readConfiguration(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  overrides: Readonly<Record<string, string | undefined>> = {},
): Configuration {
  const parsed = environmentSchema.safeParse({ ...withoutEmpty(environment), ...withoutEmpty(overrides) });
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigurationError(`Wrong settings in the environment:\n${problems.join('\n')}`);
  }
  const settings = parsed.data;
  const exposure = readExposure(settings);
  return {
    ...exposure,
    httpApi: readHttpApi(settings, exposure),
    grpcPort: settings.SYMFACE_GRPC_PORT,
    httpHost: settings.SYMFACE_HTTP_HOST,
    httpPort: settings.SYMFACE_HTTP_PORT,
    databaseUrl: readDatabaseUrl(settings, 'DATABASE_URL'),
    databaseListenUrl: readDatabaseUrl(settings, 'SYMFACE_DATABASE_LISTEN_URL'),
    databasePoolSize: settings.SYMFACE_DATABASE_POOL_SIZE,
    encryptionKey: {
      key: settings.SYMFACE_ENCRYPTION_KEY,
      file: settings.SYMFACE_ENCRYPTION_KEY_FILE,
      command: settings.SYMFACE_ENCRYPTION_KEY_COMMAND,
    },
    previousEncryptionKey: {
      key: settings.SYMFACE_ENCRYPTION_PREVIOUS_KEY,
      file: settings.SYMFACE_ENCRYPTION_PREVIOUS_KEY_FILE,
      command: settings.SYMFACE_ENCRYPTION_PREVIOUS_KEY_COMMAND,
    },
    galleryMemoryBytes: settings.SYMFACE_GALLERY_MEMORY_MIB * mebibyte,
    dataFolder: absolute(settings.SYMFACE_DATA_DIR),
    // A database that others share is all that replicas have in common.
    artifactStore:
      settings.SYMFACE_ARTIFACT_STORE ?? (settings.DATABASE_URL === undefined ? 'folder' : 'database'),
    replayData:
      settings.SYMFACE_REPLAY_DATA === undefined ? undefined : absolute(settings.SYMFACE_REPLAY_DATA),
    precision: settings.SYMFACE_PRECISION,
    keptTrainedModels: settings.SYMFACE_KEPT_TRAINED_MODELS,
    queues: settings.SYMFACE_QUEUES,
    trainingProvider: settings.SYMFACE_TRAINING_PROVIDER,
    trainingPrecision: settings.SYMFACE_TRAINING_PRECISION,
    trainingThreads: settings.SYMFACE_TRAINING_THREADS,
    servingProvider: settings.SYMFACE_SERVING_PROVIDER,
    workerCount: settings.SYMFACE_WORKERS ?? defaultWorkerCount(settings),
    threadsPerWorker: settings.SYMFACE_THREADS_PER_WORKER,
    maximumBatchSize: settings.SYMFACE_MAX_BATCH_SIZE,
    queueCapacity: settings.SYMFACE_QUEUE_CAPACITY,
    maximumCalls: settings.SYMFACE_MAX_CALLS,
    maximumConnections: settings.SYMFACE_MAX_CONNECTIONS,
    maximumRequestBytes: settings.SYMFACE_MAX_REQUEST_MIB * mebibyte,
    maximumImageBytes: settings.SYMFACE_MAX_IMAGE_BYTES,
    maximumImagePixels: settings.SYMFACE_MAX_IMAGE_PIXELS,
    defaultDeadlineMs: settings.SYMFACE_DEFAULT_DEADLINE_MS,
    receiveTimeoutMs: settings.SYMFACE_RECEIVE_TIMEOUT_MS,
    maximumConnectionAgeMs: settings.SYMFACE_MAX_CONNECTION_AGE_MS,
    drainDelayMs: settings.SYMFACE_DRAIN_DELAY_MS,
    drainTimeoutMs: settings.SYMFACE_DRAIN_TIMEOUT_MS,
    logLevel: settings.SYMFACE_LOG_LEVEL,
    accessLog: settings.SYMFACE_ACCESS_LOG === 'on',
    openTelemetry: readOpenTelemetry(settings),
  };
}

function readDatabaseUrl(
  settings: z.infer<typeof environmentSchema>,
  name: 'DATABASE_URL' | 'SYMFACE_DATABASE_LISTEN_URL',
): string | undefined {
  const text = settings[name];
  return text === undefined ? undefined : connectableUrl(text, name, settings.SYMFACE_DATABASE_CA_FILE);
}

/** As many as fill the cores; on a GPU one, whose batches are the larger for it. */
function defaultWorkerCount(settings: z.infer<typeof environmentSchema>): number {
  if (settings.SYMFACE_SERVING_PROVIDER !== 'cpu') return 1;
  return Math.max(1, Math.floor(availableParallelism() / settings.SYMFACE_THREADS_PER_WORKER));
}

/** `none`, or kinds of jobs with commas between them. */
function readQueues(text: string, context: z.RefinementCtx): readonly JobKind[] {
  if (text === 'none') return [];
  const names = text.split(',').map((name) => name.trim());
  const kinds = jobKinds.filter((kind) => names.includes(kind));
  if (kinds.length === names.length) return kinds;
  context.addIssue({ code: 'custom', message: `takes "none" or some of ${jobKinds.join(', ')}, once each` });
  return z.NEVER;
}

/** A program and its arguments: words with spaces between them, or a JSON array of texts. There is no shell. */
function readCommand(text: string, context: z.RefinementCtx): readonly string[] {
  const words = text.trimStart().startsWith('[')
    ? jsonArray(text)
    : text.split(/\s+/u).filter((word) => word !== '');
  const parsed = z.array(z.string()).min(1).safeParse(words);
  if (parsed.success) return parsed.data;
  context.addIssue({
    code: 'custom',
    message: 'takes a program and its arguments with spaces between them, or as a JSON array of texts',
  });
  return z.NEVER;
}

function jsonArray(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads who can reach the service and how. Beyond this machine it needs TLS and API keys, or to be told that it
 * shall do without.
 */
function readExposure(
  settings: z.infer<typeof environmentSchema>,
): Pick<Configuration, 'host' | 'authentication' | 'tls'> {
  const host = settings.SYMFACE_HOST;
  const isLoopback = loopbackHosts.has(host);
  const authentication = settings.SYMFACE_AUTHENTICATION ?? (isLoopback ? 'none' : 'api-key');
  const tls = readTls(settings);
  const isOpen = !isLoopback && (tls === undefined || authentication === 'none');
  if (isOpen && settings.SYMFACE_ALLOW_INSECURE !== 'true') {
    throw new ConfigurationError(
      `Wrong settings in the environment:\n  SYMFACE_HOST: ${host} can be reached from other machines, which needs ` +
        'TLS (SYMFACE_TLS_CERTIFICATE_FILE, SYMFACE_TLS_KEY_FILE) and API keys (SYMFACE_AUTHENTICATION=api-key). ' +
        'Set them, or state that you want it insecure with SYMFACE_ALLOW_INSECURE=true.',
    );
  }
  return { host, authentication, tls };
}

/**
 * Reads whether calls are taken over HTTP. Unless the settings say otherwise, they are where nobody gets in who would not
 * over gRPC: on loopback, or with the same TLS and keys. Client certificates are asked for by TLS alone.
 */
function readHttpApi(
  settings: z.infer<typeof environmentSchema>,
  { authentication, tls }: Pick<Configuration, 'authentication' | 'tls'>,
): HttpApi {
  const hasTls = settings.SYMFACE_HTTP_TLS === 'true';
  if (hasTls && tls === undefined) {
    throw new ConfigurationError(
      'Wrong settings in the environment:\n  SYMFACE_HTTP_TLS: the HTTP port takes the certificate of the gRPC port; set ' +
        'SYMFACE_TLS_CERTIFICATE_FILE and SYMFACE_TLS_KEY_FILE.',
    );
  }
  const host = settings.SYMFACE_HTTP_HOST;
  const isLoopback = loopbackHosts.has(host);
  const isSafe = hasTls
    ? isLoopback || authentication === 'api-key'
    : isLoopback && tls?.clientCaFile === undefined;
  const allowedOrigins = settings.SYMFACE_HTTP_ORIGINS;
  if (settings.SYMFACE_HTTP_API === 'on' && !isSafe && settings.SYMFACE_ALLOW_INSECURE !== 'true') {
    throw new ConfigurationError(
      `Wrong settings in the environment:\n  SYMFACE_HTTP_API: over HTTP at ${host} calls would come in without what the ` +
        'gRPC port asks for. Set SYMFACE_HTTP_TLS=true with TLS and API keys, or state that you want it insecure with ' +
        'SYMFACE_ALLOW_INSECURE=true.',
    );
  }
  return {
    isServed: (settings.SYMFACE_HTTP_API ?? (isSafe ? 'on' : 'off')) === 'on',
    hasTls,
    allowedOrigins,
  };
}

/** Origins with commas between them. */
function readOrigins(text: string, context: z.RefinementCtx): readonly string[] {
  const origins = text.split(',').map((origin) => origin.trim());
  const wrong = origins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong === undefined) return origins;
  context.addIssue({
    code: 'custom',
    message: `takes origins such as https://app.example.com with commas between them, without a path; not "${wrong}"`,
  });
  return z.NEVER;
}

function readTls(settings: z.infer<typeof environmentSchema>): TlsFiles | undefined {
  const certificateFile = settings.SYMFACE_TLS_CERTIFICATE_FILE;
  const keyFile = settings.SYMFACE_TLS_KEY_FILE;
  const clientCaFile = settings.SYMFACE_TLS_CLIENT_CA_FILE;
  if (certificateFile !== undefined && keyFile !== undefined)
    return { certificateFile, keyFile, clientCaFile };
  if (certificateFile === undefined && keyFile === undefined && clientCaFile === undefined) return undefined;
  throw new ConfigurationError(
    'Wrong settings in the environment:\n  TLS needs both SYMFACE_TLS_CERTIFICATE_FILE and SYMFACE_TLS_KEY_FILE ' +
      '(SYMFACE_TLS_CLIENT_CA_FILE is added for client certificates).',
  );
}

/**
 * `VARIABLE= npm start` means "not set", and so does nothing but spaces. Those around a value, as the end of the line that a
 * secret was made of, are none of it.
 */
function withoutEmpty(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const trimmed = Object.entries(environment).map(([name, value = '']) => [name, value.trim()] as const);
  return Object.fromEntries(trimmed.filter(([, value]) => value !== ''));
}

function absolute(folder: string): string {
  return isAbsolute(folder) ? folder : join(process.cwd(), folder);
}
