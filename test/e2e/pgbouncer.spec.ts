import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { isFullSuite } from '../support/full-suite.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { activate, activeBackbone } from '../support/activations.js';
import { anotherFile } from '../support/another-file.js';
import { statesOf } from '../support/jobs.js';
import { photographOfOnePerson } from '../support/npm-photographs.js';
import { hasPgBouncer, NO_PGBOUNCER_REASON, startPgBouncer } from '../support/pgbouncer.js';
import { NO_POSTGRES_REASON, postgresPrograms, startPostgresServer } from '../support/postgres-server.js';
import { startRunningServer } from '../support/running-server.js';
import { importTinyBackbone } from '../support/tiny-backbone-import.js';

const programs = postgresPrograms();
const lacking =
  programs === undefined ? NO_POSTGRES_REASON : hasPgBouncer() ? undefined : NO_PGBOUNCER_REASON;
if (lacking !== undefined) console.warn(`Skipping the service behind PgBouncer: ${lacking}.`);

describe.skipIf(!isFullSuite || lacking !== undefined)(
  'the service behind a PgBouncer that pools transactions',
  () => {
    it('starts, enrols, activates, listens past it, and leaves no lock', { timeout: 180_000 }, async () => {
      const database = await startPostgresServer(programs ?? '');
      const direct = database.createDatabase('pooled');
      const pooler = await startPgBouncer(direct);
      const settings = {
        DATABASE_URL: pooler.url,
        SYMFACE_DATABASE_LISTEN_URL: direct,
        SYMFACE_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      };
      const observer = new pg.Client({ connectionString: direct });
      await observer.connect();
      const count = async (sql: string): Promise<number> => (await observer.query(sql)).rows.length;
      const server = await startRunningServer(settings);
      const client = new SymFaceClient({ server: server.address, timeoutMs: 60_000 });
      try {
        await client.enrollment.createCollection({ collectionId: 'staff' });
        const content = await photographOfOnePerson();
        const parent = 'collections/staff/subjects/ada';
        const enrol = async () =>
          client.enrollment.enrollFaces({
            parent,
            images: [{ content: anotherFile(content) }],
            createSubject: true,
          });
        // More at once than the pooler has connections.
        const answers = await Promise.all(Array.from({ length: 6 }, enrol));
        expect(answers.flatMap(({ results }) => results.map(({ face }) => face !== null))).toEqual(
          new Array<boolean>(6).fill(true),
        );
        const original = await activeBackbone(client);
        const tiny = await importTinyBackbone(client);
        const states = await statesOf(client, await activate(client, tiny));
        expect(states.at(-1)!.state).toBe('JOB_STATE_SUCCEEDED');
        expect(await activeBackbone(client)).not.toBe(original);
        expect(await count(`SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN symface%'`)).toBe(1);
        expect(await count(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory'`)).toBe(0);
      } finally {
        client.close();
        expect(await server.stop()).toBe(0);
        await observer.end();
        await pooler.stop();
        await database.stop();
      }
    });
  },
);
