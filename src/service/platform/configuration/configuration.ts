import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type ComputingSettings, computingVariables, readComputing } from './computing-settings.js';
import { ConfigurationError } from './configuration-error.js';
import { type DatabaseSettings, databaseVariables, readDatabase } from './database-settings.js';
import { defaultDataFolder } from './default-data-folder.js';
import { type EncryptionSettings, encryptionVariables, readEncryption } from './encryption-settings.js';
import { type ExposureSettings, exposureVariables, readExposure } from './exposure-settings.js';
import { type JobKind, jobKinds } from './job-kinds.js';
import { type LimitSettings, limitVariables, readLimits } from './limit-settings.js';
import { mebibyte, mebibytes } from './mebibytes.js';
import {
  type OpenTelemetrySettings,
  openTelemetryVariables,
  readOpenTelemetry,
} from './open-telemetry-settings.js';
import { wholeNumber } from './whole-number.js';

const packageFolder = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * The settings, each with its environment variable and its default; those of a concern of their own in a file each. This is the
 * only reader of `process.env`.
 */
export const environmentSchema = z.object({
  ...exposureVariables,
  ...databaseVariables,
  ...encryptionVariables,
  ...computingVariables,
  ...limitVariables,
  SYMFACE_GALLERY_MEMORY_MIB: mebibytes(1).default(1024),
  SYMFACE_DATA_DIR: z.string().min(1).default(defaultDataFolder(packageFolder, process.cwd())),
  SYMFACE_ARTIFACT_STORE: z.enum(['folder', 'database']).optional(),
  SYMFACE_REPLAY_DATA: z.string().min(1).optional(),
  SYMFACE_QUEUES: z
    .string()
    .transform(readQueues)
    .default([...jobKinds]),
  SYMFACE_KEPT_TRAINED_MODELS: wholeNumber(0, 10_000).default(5),
  SYMFACE_ACCESS_LOG: z.enum(['on', 'off']).default('on'),
  SYMFACE_LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  ...openTelemetryVariables,
});

export { ConfigurationError } from './configuration-error.js';

export interface Configuration
  extends ExposureSettings, DatabaseSettings, EncryptionSettings, ComputingSettings, LimitSettings {
  /** What the templates in memory for exact search may take. */
  readonly galleryMemoryBytes: number;
  readonly dataFolder: string;
  /** The place at which models, checkpoints and other large files are shared with other replicas. */
  readonly artifactStore: 'folder' | 'database';
  /** Folder, or YAML file, of a data set that trainings of this process train on besides. */
  readonly replayData: string | undefined;
  /** Versions fine-tuned here that stay, newest first, besides what serves and what served before. */
  readonly keptTrainedModels: number;
  /** The jobs that this process works on. */
  readonly queues: readonly JobKind[];
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
  return {
    ...readExposure(settings),
    ...readDatabase(settings),
    ...readEncryption(settings),
    ...readComputing(settings),
    ...readLimits(settings),
    galleryMemoryBytes: settings.SYMFACE_GALLERY_MEMORY_MIB * mebibyte,
    dataFolder: absolute(settings.SYMFACE_DATA_DIR),
    // A database that others share is all that replicas have in common.
    artifactStore:
      settings.SYMFACE_ARTIFACT_STORE ?? (settings.DATABASE_URL === undefined ? 'folder' : 'database'),
    replayData:
      settings.SYMFACE_REPLAY_DATA === undefined ? undefined : absolute(settings.SYMFACE_REPLAY_DATA),
    keptTrainedModels: settings.SYMFACE_KEPT_TRAINED_MODELS,
    queues: settings.SYMFACE_QUEUES,
    logLevel: settings.SYMFACE_LOG_LEVEL,
    accessLog: settings.SYMFACE_ACCESS_LOG === 'on',
    openTelemetry: readOpenTelemetry(settings),
  };
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
