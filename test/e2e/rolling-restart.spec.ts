import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFullSuite } from '../support/full-suite.js';
import { paginate } from '../../src/client/paginate.js';
import { RemoteFailure } from '../../src/client/remote-failure.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { photographOfOnePerson, secondPhotographOfThatPerson } from '../support/npm-photographs.js';
import { NO_POSTGRES_REASON, postgresPrograms, startPostgresServer } from '../support/postgres-server.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { startTcpBalancer, type TcpBalancer } from '../support/tcp-balancer.js';

const programs = postgresPrograms();
if (programs === undefined) console.warn(`Skipping a rolling restart: ${NO_POSTGRES_REASON}.`);

const [clientCount, attempts, pauseMs] = [6, 10, 100];

describe.skipIf(!isFullSuite || programs === undefined)(
  'a rolling restart of two gateways behind a TCP balancer',
  () => {
    let database: Awaited<ReturnType<typeof startPostgresServer>>;
    let balancer: TcpBalancer;
    let servers: RunningServer[];
    let settings: Readonly<Record<string, string>>;

    beforeAll(async () => {
      database = await startPostgresServer(programs ?? '');
      settings = {
        DATABASE_URL: database.createDatabase('rolling'),
        SYMFACE_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
        SYMFACE_DRAIN_DELAY_MS: '1000',
        SYMFACE_MAX_CONNECTION_AGE_MS: '1500',
      };
      servers = [await startRunningServer(settings), await startRunningServer(settings)];
      balancer = await startTcpBalancer();
      balancer.setTargets(servers);
    });

    afterAll(async () => {
      balancer.stop();
      for (const server of servers) await server.stop();
      await database.stop();
    });

    /** How calls ended: those that failed for good, and the subjects of those that were answered. */
    const failed: unknown[] = [];
    const answered: string[] = [];
    let [calls, retries] = [0, 0];

    /** Calls, and calls again where the service could not be reached, as gRPC's own retry policies do. */
    async function insist(call: () => Promise<unknown>): Promise<void> {
      calls++;
      for (let attempt = 1; ; attempt++) {
        try {
          await call();
          return;
        } catch (error) {
          const isPassing = error instanceof RemoteFailure && error.codeName === 'UNAVAILABLE';
          if (!isPassing || attempt === attempts) {
            failed.push(error);
            return;
          }
          retries++;
          await sleep(pauseMs);
        }
      }
    }

    /** Each attempt has a subject of its own: what was accepted but not answered leaves one that nobody was told of. */
    async function createSubjects(client: SymFaceClient, until: AbortSignal): Promise<void> {
      while (!until.aborted) {
        await insist(async () => {
          const { subject } = await client.enrollment.createSubject({ parent: 'collections/staff' });
          answered.push(subject!.name);
        });
        await sleep(10);
      }
    }

    async function verify(client: SymFaceClient, until: AbortSignal): Promise<void> {
      const [imageA, imageB] = [await photographOfOnePerson(), await secondPhotographOfThatPerson()];
      while (!until.aborted) {
        await insist(async () => {
          const { similarity } = await client.faceVerification.verify({
            imageA: { content: imageA },
            imageB: { content: imageB },
          });
          expect(similarity).toBeGreaterThan(0.5);
        });
      }
    }

    async function restart(index: number): Promise<void> {
      expect(await servers[index]!.stop()).toBe(0);
      servers[index] = await startRunningServer(settings);
      balancer.setTargets(servers);
      const { address } = servers[index];
      await expect.poll(() => balancer.given.get(address) ?? 0, { timeout: 30_000 }).toBeGreaterThan(0);
    }

    it(
      'fails no call of clients that retry, and leaves no accepted call without an answer',
      { timeout: 180_000 },
      async () => {
        const clients = Array.from(
          { length: clientCount },
          () => new SymFaceClient({ server: balancer.address, timeoutMs: 30_000 }),
        );
        const created = async () =>
          clients[0]!.enrollment.createCollection({ collectionId: 'staff' }).catch(() => undefined);
        await expect.poll(created, { timeout: 10_000 }).toBeTruthy();
        const stop = new AbortController();
        const loads = clients.map((client, index) =>
          index < 2 ? verify(client, stop.signal) : createSubjects(client, stop.signal),
        );
        for (const index of [0, 1]) await restart(index);
        stop.abort();
        await Promise.all(loads);
        const there: string[] = [];
        const all = paginate(clients[0]!.enrollment.listSubjects, {
          parent: 'collections/staff',
          pageSize: 1000,
        });
        for await (const { name } of all) there.push(name);
        for (const client of clients) client.close();
        console.log(`${calls} calls during a rolling restart: ${failed.length} failed, ${retries} retries`);
        expect(failed).toEqual([]);
        expect(calls).toBeGreaterThan(100);
        expect(there.sort(), 'accepted, and not answered').toEqual(answered.sort());
      },
    );
  },
);
