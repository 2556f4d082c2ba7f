import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paginate } from '../../src/client/paginate.js';
import type { Job__Output } from '../../src/generated/symface/v1/Job.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { isFullSuite } from '../support/full-suite.js';
import { anotherFile } from '../support/another-file.js';
import { photographOfOnePerson } from '../support/npm-photographs.js';
import { NO_POSTGRES_REASON, postgresPrograms, startPostgresServer } from '../support/postgres-server.js';
import { reasonOf } from '../support/reason-of.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { activate as orderActivation, activeBackbone } from '../support/activations.js';
import { statesOf } from '../support/jobs.js';
import { importTinyBackbone } from '../support/tiny-backbone-import.js';

const programs = postgresPrograms();
if (programs === undefined) console.warn(`Skipping two gateways on one PostgreSQL: ${NO_POSTGRES_REASON}.`);

describe.skipIf(programs === undefined)('two gateways on one PostgreSQL', () => {
  const ada = 'collections/staff/subjects/ada';
  let database: Awaited<ReturnType<typeof startPostgresServer>>;
  let databaseUrl: string;
  let servers: RunningServer[];
  let clients: SymFaceClient[];
  let photograph: Buffer;
  let original: string;
  let tiny: string;

  beforeAll(async () => {
    photograph = await photographOfOnePerson();
    database = await startPostgresServer(programs ?? '');
    databaseUrl = database.createDatabase('replicas');
    const shared = {
      DATABASE_URL: databaseUrl,
      SYMFACE_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      SYMFACE_WORKERS: '1',
    };
    // The second one only answers calls: the first one embeds.
    servers = [
      await startRunningServer(shared),
      await startRunningServer({ ...shared, SYMFACE_QUEUES: 'none' }),
    ];
    clients = servers.map(({ address: server }) => new SymFaceClient({ server, timeoutMs: 60_000 }));
    const [first] = clients;
    original = await activeBackbone(first!);
    await first!.enrollment.createCollection({ collectionId: 'staff' });
    await enrol(0);
    tiny = await importTinyBackbone(first!);
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    for (const server of servers) await server.stop();
    await database.stop();
  });

  async function enrol(replica: number) {
    const images = [{ content: anotherFile(photograph) }];
    return clients[replica]!.enrollment.enrollFaces({ parent: ada, images, createSubject: true });
  }

  async function servedBy(replica: number): Promise<string> {
    const request = { subject: ada, image: { content: photograph }, similarityThreshold: 0.5 };
    return `modelVersions/${(await clients[replica]!.faceVerification.verifySubject(request)).modelVersion}`;
  }

  async function activate(replica: number, name: string): Promise<string> {
    const client = clients[replica]!;
    const states = await statesOf(client, await orderActivation(client, name));
    return states.at(-1)!.state;
  }

  async function stateOf({ name }: Pick<Job__Output, 'name'>): Promise<string> {
    return (await clients[1]!.job.getJob({ name })).job!.state;
  }

  /** Of a photograph with other bytes each time: nothing was measured before. */
  async function orderBenchmark(replica: number): Promise<Job__Output> {
    const names = Array.from({ length: 20 }, (_, index) => `${index}.jpg`);
    const folder = servers[replica]!.dataFolder;
    for (const [index, name] of names.entries())
      await writeFile(join(folder, name), Buffer.concat([photograph, Buffer.from([index])]));
    const rows = names.map((name, index) => `0.jpg,${name},${index % 2}`);
    const path = join(folder, 'pairs.csv');
    await writeFile(path, ['image_a,image_b,same', ...rows].join('\n'));
    const { benchmark } = clients[replica]!;
    const { dataset } = await benchmark.registerDataset({
      datasetId: 'copies',
      format: 'DATASET_FORMAT_PAIRS_CSV',
      path,
    });
    return (await benchmark.createBenchmarkRun({ dataset: dataset!.name })).job!;
  }

  async function listeners(): Promise<number> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const { rows } = await client.query(`SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN symface%'`);
    await client.end();
    return rows.length;
  }

  it('both go over to a model that was imported and activated at one of them', async () => {
    // Ordered where no job is worked on.
    expect(await activate(1, tiny)).toBe('JOB_STATE_SUCCEEDED');
    expect(await servedBy(1)).toBe(tiny);
    await expect.poll(() => servedBy(0), { timeout: 30_000 }).toBe(tiny);
    const { results } = await enrol(1);
    expect(results[0]!.face?.modelVersions).toEqual([tiny.split('/')[1]]);
    expect(await activate(0, original)).toBe('JOB_STATE_SUCCEEDED');
    await expect.poll(() => servedBy(1), { timeout: 30_000 }).toBe(original);
  });

  it('go on where the database crashes in the middle of a change', { timeout: 150_000 }, async () => {
    for (let face = 0; face < 12; face++) await enrol(0);
    const created = await orderActivation(clients[0]!, tiny);
    await sleep(500);
    await database.crashAndRestart();
    const state = async (): Promise<string> =>
      clients[1]!.job.getJob({ name: created.name }).then(
        ({ job }) => job!.state,
        // Until connections are made anew.
        (error: unknown) => String(error),
      );
    await expect.poll(state, { timeout: 120_000, interval: 500 }).toBe('JOB_STATE_SUCCEEDED');
    for (const replica of [0, 1]) await expect.poll(() => servedBy(replica), { timeout: 30_000 }).toBe(tiny);
    const verified = await clients[1]!.faceVerification.verifySubject({
      subject: ada,
      image: { content: photograph },
      similarityThreshold: 0.5,
    });
    expect(verified.comparedFaceCount).toBeGreaterThan(12);
    expect(await activate(0, original)).toBe('JOB_STATE_SUCCEEDED');
    await expect.poll(() => servedBy(1), { timeout: 30_000 }).toBe(original);
    // Both listen again.
    await expect.poll(listeners, { timeout: 20_000 }).toBe(2);
  });

  it.skipIf(!isFullSuite)(
    'the one that is killed in the transaction of a change leaves the former model, and goes on with all its jobs once it is back',
    { timeout: 150_000 },
    async () => {
      const holder = new pg.Client({ connectionString: databaseUrl });
      await holder.connect();
      // Readers are not disturbed; the change waits with its last step.
      await holder.query('BEGIN; LOCK TABLE active_models IN EXCLUSIVE MODE');
      const created = await orderActivation(clients[0]!, tiny);
      const waiting = async (): Promise<number | null> =>
        (
          await holder.query(
            `SELECT 1 FROM pg_locks WHERE relation = 'active_models'::regclass AND NOT granted`,
          )
        ).rowCount;
      await expect.poll(waiting, { timeout: 30_000 }).toBe(1);
      // Ordered where no job is worked on, and killed with the other one.
      const benchmark = await orderBenchmark(1);
      await expect
        .poll(() => stateOf(benchmark), { timeout: 30_000, interval: 50 })
        .toBe('JOB_STATE_RUNNING');
      servers[0] = await servers[0]!.killAndRestart();
      clients[0]!.close();
      clients[0] = new SymFaceClient({ server: servers[0].address, timeoutMs: 60_000 });
      await holder.query('ROLLBACK');
      await holder.end();
      for (const replica of [0, 1]) expect(await servedBy(replica)).toBe(original);
      await expect
        .poll(() => stateOf(created), { timeout: 90_000, interval: 500 })
        .toBe('JOB_STATE_SUCCEEDED');
      const [ended] = (await statesOf(clients[1]!, benchmark)).slice(-1);
      expect(ended).toMatchObject({ state: 'JOB_STATE_SUCCEEDED', attempt: 2, error: null });
      const run = { name: ended!.benchmarkRun!.name };
      const { report } = (await clients[1]!.benchmark.getBenchmarkRun(run)).benchmarkRun!;
      expect(report).toMatchObject({ genuinePairCount: 10, impostorPairCount: 10 });
      for (const replica of [0, 1])
        await expect.poll(() => servedBy(replica), { timeout: 30_000 }).toBe(tiny);
      const changes: string[] = [];
      for await (const { action, target } of paginate(clients[1]!.admin.listAuditEvents, {}))
        if (action === 'model.activate') changes.push(target);
      expect(changes[0]).toBe(tiny);
      expect(changes[1], 'the change was recorded once').not.toBe(tiny);
      expect(await activate(0, original)).toBe('JOB_STATE_SUCCEEDED');
      await expect.poll(() => servedBy(1), { timeout: 30_000 }).toBe(original);
    },
  );

  it('both let go of a model that was deleted at one of them, and take it over once it is imported again', async () => {
    const files = async (replica: number) => readdir(join(servers[replica]!.dataFolder, 'models'));
    const id = tiny.split('/')[1];
    for (const replica of [0, 1]) expect(await files(replica)).toContain(id);
    await clients[1]!.model.deleteModelVersion({ name: tiny });
    for (const replica of [0, 1]) await expect.poll(() => files(replica)).not.toContain(id);
    expect(await reasonOf(clients[0]!.model.getModelVersion({ name: tiny }))).toBe('MODEL_NOT_FOUND');
    expect(await importTinyBackbone(clients[1]!)).toBe(tiny);
    expect(await activate(1, tiny)).toBe('JOB_STATE_SUCCEEDED');
    await expect.poll(() => servedBy(0), { timeout: 30_000 }).toBe(tiny);
    expect(await activate(0, original)).toBe('JOB_STATE_SUCCEEDED');
    await expect.poll(() => servedBy(1), { timeout: 30_000 }).toBe(original);
  });

  it('one that cannot load the model goes on with the former, and enrols nothing that would be lost', async () => {
    const folder = join(servers[1]!.dataFolder, 'models', tiny.split('/')[1]!);
    const file = (await readdir(folder)).find((name) => name.endsWith('.onnx'))!;
    await writeFile(join(folder, file), 'no graph');
    expect(await activate(0, tiny)).toBe('JOB_STATE_SUCCEEDED');
    expect(await servedBy(0)).toBe(tiny);
    expect(await servedBy(1)).toBe(original);
    expect(await reasonOf(enrol(1))).toBe('MODEL_CHANGED');
    expect((await enrol(0)).results[0]!.face).toBeTruthy();
    await expect.poll(() => servers[1]!.output()).toContain('cannot go over to the active models');
    expect(await activate(0, original)).toBe('JOB_STATE_SUCCEEDED');
    expect((await enrol(1)).results[0]!.face).toBeTruthy();
  });
});
