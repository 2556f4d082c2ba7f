import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BreakableConnection } from '../support/breakable-connection.js';
import { testEncryptionKey } from '../support/encryption-key.js';
import { NO_POSTGRES_REASON, postgresPrograms } from '../support/postgres-server.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { newPostgresDatabase } from '../support/shared-servers.js';

const programs = postgresPrograms();
const reason = programs === undefined ? `: ${NO_POSTGRES_REASON}` : '';

describe.skipIf(programs === undefined)(`a service whose database goes away${reason}`, () => {
  let connection: BreakableConnection;
  let server: RunningServer;

  beforeAll(async () => {
    const url = new URL(await newPostgresDatabase(programs!));
    connection = await BreakableConnection.to(Number(url.port));
    url.port = String(connection.port);
    server = await startRunningServer({
      DATABASE_URL: url.href,
      SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
      SYMFACE_LOG_LEVEL: 'info',
    });
  });
  afterAll(async () => {
    connection.open();
    await server.stop();
    await connection.close();
  });

  const figure = async (name: string): Promise<number> => {
    const text = await (await fetch(`${server.httpUrl}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'mu').exec(text)?.[1]);
  };
  const lines = (message: string) =>
    server
      .output()
      .split('\n')
      .filter((line) => line.includes(`"msg":"${message}`))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('says so once, goes on showing what it knows itself, and says when it is back', async () => {
    expect(await figure('symface_database_up')).toBe(1);
    connection.cut();
    await vi.waitFor(
      () => {
        expect(lines('the database is lost')).toMatchObject([{ level: 'error', cause: 'no-answer' }]);
      },
      { timeout: 25_000 },
    );
    expect(await figure('symface_database_up')).toBe(0);
    expect(await figure('symface_inference_workers')).toBe(1);
    connection.open();
    await vi.waitFor(
      () => {
        const [back] = lines('the database is back');
        expect(back?.['lostForSeconds']).toBeGreaterThan(0);
      },
      { timeout: 25_000 },
    );
    expect(lines('the database is lost')).toHaveLength(1);
    expect(await figure('symface_database_up')).toBe(1);
  });

  it('answers scrapes within the time that Prometheus has, also where the database says nothing', async () => {
    connection.freeze();
    const startedAtMs = performance.now();
    expect(await figure('symface_database_up')).toBe(0);
    expect(performance.now() - startedAtMs).toBeLessThan(9_000);
    connection.open();
    await vi.waitFor(
      async () => {
        expect(await figure('symface_database_up')).toBe(1);
      },
      { timeout: 20_000 },
    );
  });
});
