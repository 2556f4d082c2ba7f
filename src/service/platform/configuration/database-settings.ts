import { z } from 'zod';
import { connectableUrl } from '../database/postgres-url.js';
import { wholeNumber } from './whole-number.js';

/** The Postgres, where there is one beside the service. */
export const databaseVariables = {
  DATABASE_URL: z.string().min(1).optional(),
  SYMFACE_DATABASE_LISTEN_URL: z.string().min(1).optional(),
  SYMFACE_DATABASE_CA_FILE: z.string().min(1).optional(),
  SYMFACE_DATABASE_POOL_SIZE: wholeNumber(1, 1000).default(10),
};

export interface DatabaseSettings {
  /** The embedded database where undefined. */
  readonly databaseUrl: string | undefined;
  /** The Postgres itself, for LISTEN, where `databaseUrl` is a pooler in front of it. */
  readonly databaseListenUrl: string | undefined;
  /** Connections to a Postgres that this process has at most. */
  readonly databasePoolSize: number;
}

type Variables = z.infer<z.ZodObject<typeof databaseVariables>>;

/** @throws ConfigurationError for the URL of anything but a PostgreSQL */
export function readDatabase(settings: Variables): DatabaseSettings {
  return {
    databaseUrl: readDatabaseUrl(settings, 'DATABASE_URL'),
    databaseListenUrl: readDatabaseUrl(settings, 'SYMFACE_DATABASE_LISTEN_URL'),
    databasePoolSize: settings.SYMFACE_DATABASE_POOL_SIZE,
  };
}

function readDatabaseUrl(
  settings: Variables,
  name: 'DATABASE_URL' | 'SYMFACE_DATABASE_LISTEN_URL',
): string | undefined {
  const text = settings[name];
  return text === undefined ? undefined : connectableUrl(text, name, settings.SYMFACE_DATABASE_CA_FILE);
}
