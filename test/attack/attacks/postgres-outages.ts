import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { type PostgresServer, postgresPrograms, startPostgresServer } from '../../support/postgres-server.js';
import { type Attack, hold } from '../attack.js';
import { enrolSomebody, type Target } from '../target.js';

const deadlineMs = 6_000;
const recoveryMs = 40_000;

export default {
  title:
    'PostgreSQL stopped, frozen, read-only, out of connections: told in time, and served again afterwards',
  isShort: false,
  hasOwnServices: true,
  databases: ['postgres'],
  limitSeconds: 300,
  run: async ({ startTarget, photographs, afterwards }) => {
    const postgres = await startPostgresServer(postgresPrograms() ?? '');
    afterwards(async () => postgres.stop());
    const databaseUrl = postgres.createDatabase('outages');
    const target = await startTarget({
      databaseUrl,
      settings: { SYMFACE_DEFAULT_DEADLINE_MS: String(deadlineMs) },
    });
    await enrolSomebody(target, [photographs.person]);
    const seen: string[] = [];
    for (const [what, outage] of Object.entries(outages(postgres, databaseUrl))) {
      const end = await outage();
      // A frozen server must not hold the end of the attack.
      const told = await outcomeDuring(target).finally(end);
      const backAfterMs = await recovery(target);
      seen.push(`${what}: ${told}, back after ${Math.round(backAfterMs / 100) / 10} s`);
    }
    await target.stop();
    return seen.join('; ');
  },
} satisfies Attack;

/** Each begins an outage. @returns ends it */
function outages(
  postgres: PostgresServer,
  databaseUrl: string,
): Readonly<Record<string, () => Promise<() => Promise<void>>>> {
  const setReadOnly = (value: 'on' | 'off'): void => {
    postgres.sql(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
    postgres.sql('SELECT pg_reload_conf()');
  };
  return {
    stopped: async () => {
      await postgres.halt();
      return async () => postgres.start();
    },
    frozen: () => {
      postgres.freeze();
      return Promise.resolve(() => {
        postgres.thaw();
        return Promise.resolve();
      });
    },
    'read-only': () => {
      setReadOnly('on');
      return Promise.resolve(() => {
        setReadOnly('off');
        return Promise.resolve();
      });
    },
    'out of connections': async () => {
      const held = await everyConnection(databaseUrl);
      await held[0]?.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'symface%' OR query LIKE 'LISTEN%'`,
      );
      return async () => {
        await Promise.all(held.map(async (client) => client.end().catch(() => undefined)));
      };
    },
  };
}

async function everyConnection(connectionString: string): Promise<readonly pg.Client[]> {
  const held: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client({ connectionString, application_name: 'attacker' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      held.push(client);
    } catch {
      return held;
    }
  }
}

/** Reads and writes while the database is away. @returns what callers are told */
async function outcomeDuring(target: Target): Promise<string> {
  await sleep(300);
  const { enrollment } = target.client(target.keys.acme, deadlineMs);
  const beginMs = performance.now();
  const outcomes = await Promise.all(
    [
      enrollment.getCollection({ name: target.collection }),
      enrollment.createSubject({ parent: target.collection, subjectId: `s${Math.round(beginMs)}` }),
      enrollment.listSubjects({ parent: target.collection }),
    ].map(async (call) =>
      call.then(
        () => 'OK',
        (error: unknown) =>
          error instanceof RemoteFailure ? (error.reason ?? error.codeName) : String(error),
      ),
    ),
  );
  const ms = performance.now() - beginMs;
  const wrong = outcomes.filter(
    (outcome) => !/^(?:OK|DATABASE_UNAVAILABLE|DEADLINE_EXCEEDED|UNAUTHENTICATED)$/u.test(outcome),
  );
  hold(wrong.length === 0, `calls are told ${wrong.join(', ')}`);
  hold(ms < deadlineMs + 4_000, `calls are told after ${Math.round(ms)} ms only`);
  const ready = await fetch(`${target.server.httpUrl}/readyz`, { signal: AbortSignal.timeout(10_000) });
  const health = await fetch(`${target.server.httpUrl}/healthz`);
  hold(health.status === 200, `/healthz is ${health.status}`);
  return `${[...new Set(outcomes)].join(', ')} and /readyz ${ready.status}`;
}

async function recovery(target: Target): Promise<number> {
  const beginMs = performance.now();
  const { enrollment } = target.client(target.keys.acme, 5_000);
  for (;;) {
    const isBack = await enrollment
      .createSubject({ parent: target.collection, subjectId: `r${Math.round(performance.now())}` })
      .then(
        () => true,
        () => false,
      );
    if (isBack) return performance.now() - beginMs;
    hold(
      performance.now() - beginMs < recoveryMs,
      `it does not serve ${recoveryMs / 1000} s after the database is back`,
    );
    await sleep(200);
  }
}
