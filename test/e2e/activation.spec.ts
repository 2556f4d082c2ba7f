import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paginate } from '../../src/client/paginate.js';
import { hasErrorCode } from '../../src/storage/files/durable-files.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import type { Job__Output } from '../../src/generated/symface/v1/Job.js';
import { anotherFile } from '../support/another-file.js';
import { photographOfAnotherPerson, photographOfOnePerson } from '../support/npm-photographs.js';
import { activate, activeBackbone, rollBack } from '../support/activations.js';
import { statesOf } from '../support/jobs.js';
import { reasonOf } from '../support/reason-of.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { importTinyBackbone } from '../support/tiny-backbone-import.js';

const collection = 'collections/staff';
const ada = `${collection}/subjects/ada`;
let server: RunningServer;
let client: SymFaceClient;
let adas: Buffer;
let bobs: Buffer;
let original: string;
let tiny: string;

beforeAll(async () => {
  [adas, bobs] = await Promise.all([photographOfOnePerson(), photographOfAnotherPerson()]);
  server = await startRunningServer();
  connect();
  await client.enrollment.createCollection({ collectionId: 'staff' });
  await enrol('ada', adas, 2);
  await enrol('bob', bobs, 14);
  original = await activeBackbone(client);
  tiny = await importTinyBackbone(client);
});

afterAll(async () => {
  client.close();
  await server.stop();
});

function connect(): void {
  client = new SymFaceClient({ server: server.address, timeoutMs: 60_000 });
}

async function enrol(subject: string, content: Buffer, count = 1) {
  const images = Array.from({ length: count }, () => ({ content: anotherFile(content) }));
  const parent = `${collection}/subjects/${subject}`;
  return client.enrollment.enrollFaces({ parent, images, createSubject: true });
}

/** The tiny backbone comes without a threshold. */
async function verify() {
  return client.faceVerification.verifySubject({
    subject: ada,
    image: { content: adas },
    similarityThreshold: 0.5,
  });
}

async function activeBackbones(): Promise<readonly string[]> {
  const { modelVersions } = await client.model.listModelVersions({ kind: 'MODEL_KIND_BACKBONE' });
  return modelVersions.filter(({ active }) => active).map(({ name }) => name);
}

/** Kills a process, unless it has ended by itself since it was listed. */
function killIfThere(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch (error) {
    if (!hasErrorCode(error, 'ESRCH')) throw error;
  }
}

/** Processes that a process has started. */
async function childrenOf(processId: number): Promise<readonly number[]> {
  const folder = `/proc/${processId}/task`;
  const lists = await Promise.all(
    (await readdir(folder)).map(async (task) => readFile(join(folder, task, 'children'), 'utf8')),
  );
  return lists.flatMap((list) => list.split(/\s+/u).filter(Boolean).map(Number));
}

describe('a change of the backbone', () => {
  it(
    'embeds every enrolled face anew and fails no call, and no answer mixes versions',
    { timeout: 120_000 },
    async () => {
      const similarities = new Map<string, Set<number>>();
      const traffic = new AbortController();
      let answers = 0;
      const verifying = (async () => {
        while (!traffic.signal.aborted) {
          const { modelVersion, similarity, comparedFaceCount } = await verify();
          expect(comparedFaceCount).toBeGreaterThanOrEqual(2);
          similarities.set(modelVersion, (similarities.get(modelVersion) ?? new Set()).add(similarity));
          answers++;
          // Workers of the lowest priority embed the faces: traffic that leaves them nothing makes the test long.
          await sleep(50);
        }
      })();
      const enrolling = (async () => {
        while (!traffic.signal.aborted) {
          const { results, modelVersion } = await enrol('eve', bobs);
          expect(results[0]!.error, `enrolled with ${modelVersion}`).toBeUndefined();
          await sleep(50);
        }
      })();
      const states = await statesOf(client, await activate(client, tiny));
      await sleep(500);
      traffic.abort();
      await Promise.all([verifying, enrolling]);
      const ended = states.at(-1)!;
      expect(ended).toMatchObject({
        kind: 'JOB_KIND_ACTIVATION',
        state: 'JOB_STATE_SUCCEEDED',
        actor: 'anonymous',
        activation: { modelVersion: tiny, previousModelVersion: original, rollBack: false },
      });
      expect(ended.activation!.embeddedFaceCount).toBeGreaterThanOrEqual(16);
      expect(await activeBackbones()).toEqual([tiny]);
      expect(answers).toBeGreaterThan(3);
      // The same photograph against the same faces: each version has one similarity, and the photograph itself is enrolled.
      const ids = [original, tiny].map((name) => name.split('/')[1]!);
      expect([...similarities.keys()].sort()).toEqual([...ids].sort());
      for (const [version, values] of similarities) {
        expect(values.size, `similarities of ${version}`).toBe(1);
        expect([...values][0], version).toBeCloseTo(1, 3);
      }
    },
  );

  it('is undone by a roll-back, for which only the faces enrolled since are embedded', async () => {
    await enrol('new', bobs);
    const [rolledBack] = (await statesOf(client, await rollBack(client))).slice(-1);
    expect(rolledBack).toMatchObject({
      state: 'JOB_STATE_SUCCEEDED',
      activation: { modelVersion: original, previousModelVersion: tiny, rollBack: true },
    });
    const identified = await client.faceVerification.identify({ collection, image: { content: bobs } });
    expect(identified.modelVersion).toBe(original.split('/')[1]);
    expect(identified.candidates.map(({ subject }) => subject)).toContain(`${collection}/subjects/new`);
    const actions: string[] = [];
    for await (const { action } of paginate(client.admin.listAuditEvents, {})) actions.push(action);
    expect(actions.slice(0, 2)).toEqual(['model.roll-back', 'activation.create']);
    const metrics = await (await fetch(`${server.httpUrl}/metrics`)).text();
    expect(metrics).toContain('symface_jobs{kind="activation",state="succeeded"} 2');
    expect(metrics).toContain('symface_model_change_duration_seconds_count 2');
  });

  it('goes one at a time, and nothing changes where it is cancelled or cannot be loaded', async () => {
    // At the same time: the one that comes first may be a matter of milliseconds.
    const both = await Promise.allSettled([tiny, original].map(async (name) => activate(client, name)));
    const refused = both.filter((attempt) => attempt.status === 'rejected');
    expect(await Promise.all(refused.map(({ reason }) => reasonOf(Promise.reject(reason as Error))))).toEqual(
      ['JOB_ALREADY_ACTIVE'],
    );
    const [first] = both.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    await client.job.cancelJob({ name: first!.name });
    const [ended] = (await statesOf(client, first!)).slice(-1);
    expect(['JOB_STATE_CANCELLED', 'JOB_STATE_SUCCEEDED']).toContain(ended!.state);
    if ((await activeBackbones())[0] === tiny) await statesOf(client, await rollBack(client));
    expect(await activeBackbones()).toEqual([original]);
    expect(await reasonOf(activate(client, 'modelVersions/none-0123456789ab'))).toBe('MODEL_NOT_FOUND');
    expect(await reasonOf(client.job.getJob({ name: first!.name.replace(/.$/u, 'g') }))).toBe(
      'INVALID_ARGUMENT',
    );
    const listed: Job__Output[] = [];
    for await (const job of paginate(client.job.listJobs, { kind: 'JOB_KIND_ACTIVATION' })) listed.push(job);
    expect(listed.map(({ name }) => name)).toContain(first!.name);
    expect(new Set(listed.map(({ work }) => work))).toEqual(new Set(['activation']));
  });

  it.skipIf(process.platform !== 'linux')(
    'goes on where the processes that embed are killed again and again',
    { timeout: 120_000 },
    async () => {
      const created = await activate(client, tiny);
      for (let round = 0; round < 5; round++) {
        await sleep(200);
        for (const child of await childrenOf(server.process.pid!)) killIfThere(child);
      }
      const [ended] = (await statesOf(client, created)).slice(-1);
      expect(ended).toMatchObject({ state: 'JOB_STATE_SUCCEEDED', error: null });
      expect(ended!.activation!.embeddedFaceCount).toBe(ended!.activation!.faceCount);
      // Workers that were killed start again.
      const servedId = async () => verify().then(({ modelVersion }) => modelVersion, String);
      await expect.poll(servedId, { timeout: 30_000 }).toBe(tiny.split('/')[1]);
      await statesOf(client, await rollBack(client));
    },
  );

  it('goes on after the service was killed', { timeout: 120_000 }, async () => {
    const created = await activate(client, tiny);
    await sleep(700);
    server = await server.killAndRestart();
    client.close();
    connect();
    const [ended] = (await statesOf(client, created)).slice(-1);
    expect(ended).toMatchObject({ state: 'JOB_STATE_SUCCEEDED', error: null });
    expect(ended!.activation!.embeddedFaceCount).toBe(ended!.activation!.faceCount);
    expect((await verify()).modelVersion).toBe(tiny.split('/')[1]);
    expect(await activeBackbones()).toEqual([tiny]);
    await statesOf(client, await rollBack(client));
  });

  it('leaves a version behind that can be deleted, with its templates, and imported again', async () => {
    expect(await reasonOf(client.model.deleteModelVersion({ name: original }))).toBe('MODEL_IN_USE');
    const { modelVersions: detectors } = await client.model.listModelVersions({
      kind: 'MODEL_KIND_DETECTOR',
    });
    const detector = detectors.find(({ active }) => active);
    expect(await reasonOf(client.model.deleteModelVersion({ name: detector!.name }))).toBe('MODEL_IN_USE');
    const { faceCount } = (await client.enrollment.getCollection({ name: collection })).collection!;
    expect((await client.model.deleteModelVersion({ name: tiny })).templateCount).toBe(faceCount);
    expect(await reasonOf(client.model.deleteModelVersion({ name: tiny }))).toBe('MODEL_NOT_FOUND');
    expect(await reasonOf(activate(client, tiny))).toBe('MODEL_NOT_FOUND');
    expect(await reasonOf(rollBack(client))).toBe('MODEL_NOT_FOUND');
    expect(await readdir(join(server.dataFolder, 'models'))).not.toContain(tiny.split('/')[1]);
    expect((await verify()).modelVersion).toBe(original.split('/')[1]);
    expect(await importTinyBackbone(client)).toBe(tiny);
    const [ended] = (await statesOf(client, await activate(client, tiny))).slice(-1);
    expect(ended).toMatchObject({ state: 'JOB_STATE_SUCCEEDED', activation: { faceCount } });
    // What comes with the package would be there again after the next start.
    expect(await reasonOf(client.model.deleteModelVersion({ name: original }))).toBe('MODEL_IN_USE');
    const actions: string[] = [];
    for await (const { action, target } of paginate(client.admin.listAuditEvents, {}))
      actions.push(`${action} ${target}`);
    expect(actions).toContain(`model.delete ${tiny}`);
  });
});
