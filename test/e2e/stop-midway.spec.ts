import { once } from 'node:events';
import pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RemoteFailure } from '../../src/client/remote-failure.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { BreakableConnection } from '../support/breakable-connection.js';
import { testEncryptionKey } from '../support/encryption-key.js';
import { isFullSuite } from '../support/full-suite.js';
import { NO_POSTGRES_REASON, postgresPrograms } from '../support/postgres-server.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { newPostgresDatabase } from '../support/shared-servers.js';

const programs = postgresPrograms();
const reason = programs === undefined ? `: ${NO_POSTGRES_REASON}` : '';
const isLeftOut = programs === undefined || !isFullSuite;
const drainMs = 1_000;
/** Of the key changes: `changeLock` in src/service/platform/encryption/data-keys.ts. */
const changeLock = 0x53_79_6d_4b;
/** The drain time, the longest step, a second for each of the others, and a machine that is busy. */
const endedWithinMs = 30_000;

describe.skipIf(isLeftOut)(`SIGTERM in the middle of work on PostgreSQL${reason}`, () => {
  let database: string;
  let connection: BreakableConnection;
  let server: RunningServer;
  let client: SymFaceClient;
  let other: pg.Client;

  beforeAll(async () => {
    database = await newPostgresDatabase(programs!);
  });

  beforeEach(async () => {
    const url = new URL(database);
    connection = await BreakableConnection.to(Number(url.port));
    url.port = String(connection.port);
    server = await startRunningServer({
      DATABASE_URL: url.href,
      SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
      SYMFACE_DRAIN_TIMEOUT_MS: String(drainMs),
      SYMFACE_LOG_LEVEL: 'info',
    });
    client = new SymFaceClient({ server: server.address, timeoutMs: 60_000 });
    other = new pg.Client({ connectionString: database });
    await other.connect();
  });

  afterEach(async () => {
    client.close();
    await other.end();
    connection.open();
    server.process.kill('SIGKILL');
    await server.stop();
    await connection.close();
  });

  /** @returns how the process ended, and how long that took */
  async function terminated(): Promise<{ readonly exitCode: number | null; readonly ms: number }> {
    const startedAtMs = performance.now();
    // All that it printed has come by then.
    const exited = once(server.process, 'close') as Promise<[number | null]>;
    server.process.kill('SIGTERM');
    const [exitCode] = await exited;
    return { exitCode, ms: performance.now() - startedAtMs };
  }

  /** The steps that an end has passed over. */
  const passedOver = (): readonly unknown[] =>
    server
      .output()
      .split('\n')
      .filter((line) => line.includes('going on without it'))
      .map((line) => (JSON.parse(line) as { readonly step: string }).step);

  async function expectEnd(): Promise<void> {
    const { exitCode, ms } = await terminated();
    expect({ exitCode, output: server.output() }).toMatchObject({ exitCode: 0 });
    expect(ms).toBeLessThan(endedWithinMs);
  }

  it('ends it while a rewrap waits for a lock, and tells its caller', async () => {
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock($1)', [changeLock]);
    const rewrap = client.encryption.rewrapDataKeys({}).then(
      () => 'OK',
      (error: unknown) => (error as RemoteFailure).codeName,
    );
    await expect
      .poll(
        async () => {
          const { rows } = await other.query(
            `SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'`,
          );
          return rows.length;
        },
        { timeout: 10_000 },
      )
      .toBe(1);
    await expectEnd();
    expect(await rewrap).toBe('UNAVAILABLE');
    await other.query('ROLLBACK');
    // Nothing of it is left to hold the next one.
    await expect
      .poll(async () => (await other.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory'`)).rows.length)
      .toBe(0);
  });

  it('ends it while the client of a backup takes nothing', async () => {
    await other.query(
      `CREATE TABLE IF NOT EXISTS ballast AS SELECT repeat('x', 1000) FROM generate_series(1, 10)`,
    );
    const backup = client.operations.backup({})[Symbol.asyncIterator]();
    expect(await backup.next()).toMatchObject({ done: false });
    await expectEnd();
    await backup.return(undefined);
  });

  it('ends it although the database says nothing any more, and names what it did not wait for', async () => {
    connection.freeze();
    await expectEnd();
    expect(passedOver().length).toBeGreaterThan(0);
  });
});
