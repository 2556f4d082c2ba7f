import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { copyDatabaseTemplate } from '../support/database-template.js';
import { testEncryptionKey } from '../support/encryption-key.js';
import { createKeyOffline } from '../support/offline-keys.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { plantedNames } from './planted-secrets.js';

export interface TargetOptions {
  /** Environment variables beside the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The URL of its PostgreSQL; the embedded database where undefined. */
  readonly databaseUrl?: string | undefined;
  /** Whether it asks for API keys; it does unless said otherwise. */
  readonly hasKeys?: boolean;
  /** A program, with its arguments, that starts it. */
  readonly launcher?: readonly string[];
  /** The authority of its certificate, where it speaks TLS. */
  readonly tlsCaFile?: string;
}

/** Keys of the service under attack: an administrator's, of the tenant acme, and clients' of two tenants. */
export interface TargetKeys {
  readonly admin: string;
  readonly acme: string;
  readonly rival: string;
}

/** A service under attack. The tenant acme has a collection with a subject and two faces. */
export interface Target {
  readonly server: RunningServer;
  readonly keys: TargetKeys;
  readonly collection: string;
  readonly subject: string;
  /** A client that is closed with the service. @param key one of its tenants' unless given */
  client(key?: string, timeoutMs?: number): SymFaceClient;
  /** The URL of its PostgreSQL; the embedded database where undefined. */
  readonly databaseUrl: string | undefined;
  /** Kills it and starts it again on its data. @param meanwhile what is done to them before */
  killAndRestart(meanwhile?: () => Promise<void>): Promise<Target>;
  /** Ends it with SIGTERM. @returns its exit code */
  stop(): Promise<number | null>;
}

/** The most talkative level: what is looked for in the logs must not be there at any. */
const loudest = { SYMFACE_LOG_LEVEL: 'trace' };
export const collectionName = 'collections/staff';
export const subjectName = `${collectionName}/subjects/ada`;

/** Starts a service with keys of two tenants. @param keyed a data folder with an administrator's key, or its database */
export async function startTarget(
  keyed: KeyedData,
  { settings = {}, databaseUrl, hasKeys = true, launcher, tlsCaFile }: TargetOptions,
): Promise<Target> {
  const server = await startRunningServer(
    {
      ...loudest,
      ...(hasKeys ? { SYMFACE_AUTHENTICATION: 'api-key' } : {}),
      ...(databaseUrl === undefined ? {} : keyed.settingsOf(databaseUrl)),
      ...settings,
    },
    async (dataFolder) => {
      if (databaseUrl === undefined && hasKeys) await cp(keyed.folder, dataFolder, { recursive: true });
    },
    undefined,
    launcher,
  );
  const bare = targetOf(server, { admin: keyed.adminKey, acme: '', rival: '' }, databaseUrl, tlsCaFile);
  if (!hasKeys) return bare;
  const { admin } = bare.client(keyed.adminKey);
  const keyOf = async (tenant: keyof typeof plantedNames.keys): Promise<string> =>
    (await admin.createApiKey({ tenant, displayName: plantedNames.keys[tenant] })).secret;
  const keys = { admin: keyed.adminKey, acme: await keyOf('acme'), rival: await keyOf('rival') };
  return targetOf(server, keys, databaseUrl, tlsCaFile);
}

function targetOf(
  server: RunningServer,
  keys: TargetKeys,
  databaseUrl: string | undefined,
  tlsCaFile?: string,
): Target {
  const clients: SymFaceClient[] = [];
  return {
    server,
    keys,
    databaseUrl,
    collection: collectionName,
    subject: subjectName,
    client: (apiKey = keys.acme, timeoutMs = 30_000) => {
      const client = new SymFaceClient({
        server: server.address,
        timeoutMs,
        ...(tlsCaFile === undefined ? {} : { tls: { caFile: tlsCaFile } }),
        ...(apiKey === '' ? {} : { apiKey }),
      });
      clients.push(client);
      return client;
    },
    killAndRestart: async (meanwhile) =>
      targetOf(await server.killAndRestart(meanwhile), keys, databaseUrl, tlsCaFile),
    stop: async () => {
      for (const client of clients) client.close();
      return server.stop();
    },
  };
}

/** Enrols what attacks look for: a subject of acme's with two faces, under names that no log may have. */
export async function enrolSomebody(
  target: Target,
  images: readonly Uint8Array[],
): Promise<readonly string[]> {
  const { enrollment } = target.client();
  await enrollment.createCollection({
    collectionId: 'staff',
    displayName: plantedNames.collection,
  });
  const { results } = await enrollment.enrollFaces({
    parent: subjectName,
    images: images.map((content) => ({ content })),
    createSubject: true,
    displayName: plantedNames.subject,
  });
  return results.map(({ face }) => face?.name ?? '');
}

/** A data folder whose database has an administrator's key: making one takes seconds, so it is copied. */
export interface KeyedData {
  readonly folder: string;
  readonly adminKey: string;
  /** Makes the same for a PostgreSQL. @returns the secret of its administrator's key */
  keyedPostgres(databaseUrl: string): Promise<KeyedData>;
  settingsOf(databaseUrl: string): Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

export async function makeKeyedData(): Promise<KeyedData> {
  const folder = await mkdtemp(join(tmpdir(), 'symface-attack-keyed-'));
  await copyDatabaseTemplate(folder);
  const settingsOf = (databaseUrl: string): Readonly<Record<string, string>> => ({
    DATABASE_URL: databaseUrl,
    SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
  });
  const data: KeyedData = {
    folder,
    adminKey: await createKeyOffline(folder, 'admin', 'acme'),
    settingsOf,
    keyedPostgres: async (databaseUrl) => ({
      ...data,
      adminKey: await createKeyOffline(folder, 'admin', 'acme', settingsOf(databaseUrl)),
    }),
    remove: async () => rm(folder, { recursive: true, force: true }),
  };
  return data;
}
