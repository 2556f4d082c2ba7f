import { expect, it } from 'vitest';
import { apiKeys } from '../../../src/service/access/keys/api-key.store.js';
import type { Sql } from '../../../src/service/platform/database/database.js';
import { describeError } from '../../../src/service/platform/telemetry/logger.js';
import { describeOnEveryDatabase } from '../../support/databases.js';

const name = 'Ana Anović';
const secretHash = Buffer.from('a hash that nobody may see');
/** As a driver, JSON and util.inspect write the bytes. */
const traces = [
  name,
  secretHash.toString('hex'),
  [...secretHash.subarray(0, 5)].join(','),
  secretHash.toString(),
];

describeOnEveryDatabase('errors of the database', (test) => {
  const key = {
    id: '00000000000000aa',
    tenant: 'acme',
    role: 'client',
    displayName: name,
    secretHash,
  } as const;
  const attacks: Readonly<Record<string, (sql: Sql) => Promise<unknown>>> = {
    'a row that breaks a key': async (sql) => {
      await sql.insert(apiKeys, key);
      await sql.insert(apiKeys, key);
    },
    'a row of which a column is lacking': async (sql) =>
      sql.rows('INSERT INTO api_keys (id, display_name, secret_hash) VALUES ($1, $2, $3)', [
        'x',
        name,
        secretHash,
      ]),
    'a value of the wrong type': async (sql) => sql.rows('SELECT $1::text::integer', [name]),
    'a statement with a mistake': async (sql) => sql.rows('SELECT $1::text FROM nowhere', [name]),
    'a transaction that fails': async (sql) =>
      sql.transaction(async (within) => within.rows('SELECT $1::text::uuid', [name])),
  };

  it.each(Object.keys(attacks))('are logged without what was sent: %s', async (attack) => {
    const error: unknown = await attacks[attack]!(test.database).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    const line =
      JSON.stringify(describeError(error)) + JSON.stringify(error, Object.getOwnPropertyNames(error));
    expect(traces.filter((trace) => line.includes(trace))).toEqual([]);
    expect(describeError(error)).toMatchObject({
      type: 'DatabaseError',
      code: /^[0-9A-Z]{5}$/u.exec(codeOf(error))?.[0],
    });
  });

  it('are logged without it, too, where a library kept it', () => {
    const kept = Object.assign(new Error(`duplicate key: ${name}`), {
      query: 'INSERT',
      parameters: [name],
      driverError: { detail: name },
      code: '23505',
    });
    const line = JSON.stringify(describeError(new Error('the job failed', { cause: kept })));
    expect(line).not.toContain(name);
    expect(line).toContain('23505');
    expect(
      JSON.stringify(describeError(Object.assign(new Error('failed'), { request: name }))),
    ).not.toContain(name);
  });

  it('end a transaction whose process stands still, so that its locks hold nobody for ever', async ({
    skip,
  }) => {
    if (test.database.folder !== undefined) skip('of the embedded database nobody else waits for a lock');
    const setting = `SELECT current_setting('idle_in_transaction_session_timeout') AS limit`;
    const within = await test.database.transaction(async (sql) => sql.rows(setting));
    expect([within, await test.database.rows(setting)]).toEqual([[{ limit: '30s' }], [{ limit: '0' }]]);
  });

  it('say that the database takes no changes, and so does the probe', async () => {
    const setReadOnly = async (value: 'on' | 'off') =>
      test.database.rows(`SELECT set_config('default_transaction_read_only', $1, false)`, [value]);
    expect(await test.database.takesChanges()).toBe(true);
    await setReadOnly('on');
    try {
      expect(await test.database.takesChanges()).toBe(false);
      await expect(test.database.insert(apiKeys, { ...key, id: 'read-only' })).rejects.toMatchObject({
        reason: 'DATABASE_UNAVAILABLE',
        metadata: { cause: 'read-only' },
      });
    } finally {
      await setReadOnly('off');
    }
  });

  it('say that nobody knows what became of a change whose connection broke at its end', async ({ skip }) => {
    // Of PGlite there is no connection.
    if (test.settings.databaseUrl === undefined) skip();
    const backend = `SELECT pg_backend_pid() AS pid`;
    const cut = test.database.transaction(async (sql) => {
      const [row] = await sql.rows<{ readonly pid: number }>(backend);
      await test.database.rows('SELECT pg_terminate_backend($1)', [row!.pid]);
    });
    await expect(cut).rejects.toMatchObject({
      reason: 'DATABASE_UNAVAILABLE',
      metadata: { cause: 'outcome-unknown' },
      message: expect.not.stringContaining('Nothing was changed') as string,
    });
    const before = test.database.transaction(async (sql) => {
      const [row] = await sql.rows<{ readonly pid: number }>(backend);
      await test.database.rows('SELECT pg_terminate_backend($1)', [row!.pid]);
      await sql.rows('SELECT 1');
    });
    await expect(before).rejects.toMatchObject({
      metadata: { cause: 'no-answer' },
      message: expect.stringContaining('Nothing was changed') as string,
    });
  });

  it('say that two calls stood in the way of each other', async ({ skip }) => {
    if (test.settings.databaseUrl === undefined) skip();
    const lock = (first: number, second: number) =>
      test.database.transaction(async (sql) => {
        await sql.rows('SELECT pg_advisory_xact_lock($1)', [first]);
        await sql.rows('SELECT pg_sleep(0.3)');
        await sql.rows('SELECT pg_advisory_xact_lock($1)', [second]);
      });
    const [one, other] = await Promise.allSettled([lock(24, 25), lock(25, 24)]);
    const failed = [one, other].find((outcome) => outcome.status === 'rejected');
    expect(failed?.reason).toMatchObject({ reason: 'DATABASE_UNAVAILABLE', metadata: { cause: 'conflict' } });
  });

  it('say that the database gave up at its time limit', async ({ skip }) => {
    // PGlite has no timers.
    if (test.settings.databaseUrl === undefined) skip();
    const slow = test.database.transaction(async (sql) => {
      await sql.rows('SET LOCAL statement_timeout = 20');
      await sql.rows('SELECT pg_sleep(5)');
    });
    await expect(slow).rejects.toMatchObject({
      reason: 'DATABASE_UNAVAILABLE',
      metadata: { cause: 'time-limit' },
    });
  });
});

function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown }).code);
}
