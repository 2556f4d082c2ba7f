import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/service/platform/configuration/configuration-error.js';
import { openDatabase } from '../../../src/service/platform/database/open-database.js';
import { tables } from '../../../src/service/tables.js';

import { NO_POSTGRES_REASON, postgresPrograms } from '../../support/postgres-server.js';
import { newPostgresDatabase } from '../../support/shared-servers.js';

const programs = postgresPrograms();
if (programs === undefined) console.warn(`Skipping what a PostgreSQL is refused for: ${NO_POSTGRES_REASON}.`);

describe.skipIf(programs === undefined)('a PostgreSQL', () => {
  let url: string;
  const open = async (databaseUrl: string, databasePoolSize = 10) =>
    openDatabase({ databaseUrl, databasePoolSize, dataFolder: '' }, tables);
  const withClient = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    url = await newPostgresDatabase(programs ?? '');
  });

  it('is refused where it keeps text in another encoding', async () => {
    const name = `latin1-${process.pid}`;
    await withClient((client) =>
      client.query(
        `CREATE DATABASE "${name}" ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
      ),
    );
    await expect(open(new URL(name, url).href)).rejects.toThrow(/keeps text as LATIN1, .*ENCODING 'UTF8'/u);
  });

  it('is refused with what to do where its user may make no tables', async () => {
    const name = `guest_${process.pid}`;
    await withClient(async (client) => {
      await client.query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
      await client.query(`CREATE ROLE ${name} LOGIN`);
    });
    const guest = Object.assign(new URL(url), { username: name });
    await expect(open(guest.href)).rejects.toThrow(
      /Cannot prepare the database .*GRANT ALL ON SCHEMA public/u,
    );
  });

  it('is refused where it is read-only', async () => {
    const standby = new URL(url);
    standby.searchParams.set('options', '-c default_transaction_read_only=on');
    await expect(open(standby.href)).rejects.toThrow(/read-only/u);
  });

  it.each([
    ['no such schema in its search_path', '-csearch_path=nowhere', /Cannot prepare .*search_path/u],
    ['a time limit that the schema does not meet', '-cstatement_timeout=1', /statement_timeout is shorter/u],
    ['an option that is none', '-c no_such_option=1', /unrecognized configuration parameter/u],
  ])('is refused in words with %s', async (what, options, told) => {
    const name = `options-${what.length}-${process.pid}`;
    await withClient((client) => client.query(`CREATE DATABASE "${name}"`));
    const refused = new URL(name, url);
    refused.searchParams.set('options', options);
    const refusal = open(refused.href);
    await expect(refusal).rejects.toThrow(told);
    await expect(refusal).rejects.toThrow(ConfigurationError);
  });

  it('is refused in words where there is none of that name', async () => {
    await expect(open(new URL('nowhere', url).href)).rejects.toThrow(/does not exist\. Make it/u);
  });

  it('gets no more connections than it was told', async () => {
    const database = await open(url, 2);
    try {
      await Promise.all(Array.from({ length: 6 }, async () => database.rows('SELECT pg_sleep(0.05)')));
      const { rows } = await withClient((client) =>
        client.query<{ count: number }>(
          `SELECT count(*)::int FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
        ),
      );
      expect(rows[0]?.count).toBe(2);
    } finally {
      await database.close();
    }
  });
});
