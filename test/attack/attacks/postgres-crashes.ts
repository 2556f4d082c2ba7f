import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { paginate } from '../../../src/client/paginate.js';
import type { SymFaceClient } from '../../../src/client/symface-client.js';
import { activate } from '../../support/activations.js';
import { anotherFile } from '../../support/another-file.js';
import { type PostgresServer, postgresPrograms, startPostgresServer } from '../../support/postgres-server.js';
import { importTinyBackbone } from '../../support/tiny-backbone-import.js';
import { type Attack, hold, type Scene } from '../attack.js';
import type { Target } from '../target.js';
import { enrolTrainable, shortTraining, trainedCollection } from '../trainable.js';

const crashesOfAJob = 1;
/** A job whose database was lost is tried again after 10 s, then after 20; a change of the data key waits for replicas beside that. */
const endedWithinMs = 180_000;
const enrolledInto = 'collections/crashed';

/** Begins a job. @returns its name */
type Start = (client: SymFaceClient) => Promise<string>;

export default {
  title:
    'PostgreSQL crashes in every kind of job while clients enrol: jobs are finished, what was acknowledged is there',
  isShort: false,
  hasOwnServices: true,
  databases: ['postgres'],
  limitSeconds: 600,
  run: async (scene) => {
    const postgres = await startPostgresServer(postgresPrograms() ?? '');
    scene.afterwards(async () => postgres.stop());
    const target = await scene.startTarget({ databaseUrl: postgres.createDatabase('crashes') });
    const parent = await enrolTrainable(scene, target);
    const admin = target.client(target.keys.admin, 60_000);
    await admin.enrollment.createCollection({ collectionId: 'crashed' });
    const stream = enrolling(scene, admin);
    const seen: string[] = [];
    for (const [what, start] of Object.entries(await jobs(scene, admin, parent))) {
      const name = await tried(async () => start(admin));
      await crash(postgres);
      const state = await endOf(admin, what, name);
      hold(state === 'JOB_STATE_SUCCEEDED', `${what} beside a crash ends ${state}`);
      seen.push(what);
    }
    const acknowledged = await stream.end();
    await inspect(target, admin, acknowledged);
    await target.stop();
    return `${seen.join(', ')}: finished beside a crash each; ${acknowledged.size} faces acknowledged, none lost`;
  },
} satisfies Attack;

async function crash(postgres: PostgresServer): Promise<void> {
  for (let count = 0; count < crashesOfAJob; count++) {
    await sleep(Math.random() * 2_500);
    await postgres.crashAndRestart();
  }
}

async function jobs(
  scene: Scene,
  admin: SymFaceClient,
  parent: string,
): Promise<Readonly<Record<string, Start>>> {
  const tiny = await importTinyBackbone(admin);
  const dataset = await registerPairs(scene, admin);
  const nameOf = ({ job }: { readonly job: { readonly name: string } | null }): string => job?.name ?? '';
  return {
    'a retraining': async ({ training }) =>
      nameOf(await training.createTraining({ parentModelVersion: parent, policy: shortTraining })),
    'a change of the data key': async ({ encryption }) => nameOf(await encryption.rotateDataKey({})),
    'an index': async ({ enrollment }) =>
      nameOf(await enrollment.indexCollection({ name: trainedCollection })),
    'a benchmark': async ({ benchmark }) => nameOf(await benchmark.createBenchmarkRun({ dataset })),
    'an activation': async (client) => (await activate(client, tiny)).name,
    'an index that is removed': async ({ enrollment }) =>
      nameOf(await enrollment.indexCollection({ name: trainedCollection, remove: true })),
  };
}

async function registerPairs({ newFolder, photographs }: Scene, admin: SymFaceClient): Promise<string> {
  const folder = await newFolder();
  const rows: string[] = [];
  await writeFile(join(folder, 'b.jpg'), photographs.other);
  for (let index = 0; index < 10; index++) {
    await writeFile(join(folder, `a${index}.jpg`), anotherFile(photographs.personAgain));
    rows.push(`a0.jpg,a${index}.jpg,1,a,a`, `a${index}.jpg,b.jpg,0,a,b`);
  }
  const path = join(folder, 'pairs.csv');
  await writeFile(path, ['image_a,image_b,same,identity_a,identity_b', ...rows, ''].join('\n'));
  const { dataset } = await admin.benchmark.registerDataset({
    datasetId: 'crashed',
    format: 'DATASET_FORMAT_PAIRS_CSV',
    path,
  });
  return dataset?.name ?? '';
}

/** Clients that enrol, and repeat what failed under the same request id, until they are ended. */
function enrolling({ photographs }: Scene, { enrollment }: SymFaceClient) {
  const ending = new AbortController();
  const acknowledged = new Set<string>();
  const enrol = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const request = {
        parent: `${enrolledInto}/subjects/s${Math.floor(Math.random() * 20)}`,
        images: [{ content: anotherFile(photographs.personAgain) }],
        createSubject: true,
        requestId: randomUUID(),
      };
      const { results } = await tried(async () => enrollment.enrollFaces(request));
      const [result] = results;
      hold(result?.face != null, `an enrolment is answered ${result?.error?.message ?? 'nothing'}`);
      acknowledged.add(result.face.name);
      await sleep(200);
    }
  };
  const all = Promise.all([enrol(), enrol()]);
  all.catch(() => undefined);
  return {
    end: async (): Promise<ReadonlySet<string>> => {
      ending.abort();
      await all;
      return acknowledged;
    },
  };
}

/** Calls until it is answered: what is told while the database is away must be that. */
async function tried<T>(call: () => Promise<T>): Promise<T> {
  const giveUpMs = performance.now() + endedWithinMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const { reason, codeName } = error as { readonly reason?: string; readonly codeName?: string };
      const isOutage = reason === 'DATABASE_UNAVAILABLE' || reason === 'MODEL_CHANGED';
      hold(isOutage, `beside a crash of the database a call is told ${reason ?? codeName ?? String(error)}`);
      hold(performance.now() < giveUpMs, 'the database does not come back');
      await sleep(200);
    }
  }
}

async function endOf({ job }: SymFaceClient, what: string, name: string): Promise<string> {
  const beginMs = performance.now();
  for (;;) {
    const { job: now } = await tried(async () => job.getJob({ name }));
    const state = now?.state ?? '';
    if (!/QUEUED|RUNNING/u.test(state)) return now?.error == null ? state : `${state}: ${now.error.message}`;
    hold(performance.now() - beginMs < endedWithinMs, `${what} is ${state} after ${endedWithinMs / 1000} s`);
    await sleep(300);
  }
}

async function inspect(
  target: Target,
  { enrollment }: SymFaceClient,
  acknowledged: ReadonlySet<string>,
): Promise<void> {
  const there = new Set<string>();
  for await (const { name: parent } of paginate(enrollment.listSubjects, { parent: enrolledInto }))
    for await (const { name } of paginate(enrollment.listEnrolledFaces, { parent })) there.add(name);
  const lost = [...acknowledged].filter((name) => !there.has(name));
  hold(lost.length === 0, `${lost.length} acknowledged faces are lost`);
  hold(there.size === acknowledged.size, `${there.size} faces for ${acknowledged.size} enrolments`);
  for (const collection of [enrolledInto, trainedCollection]) {
    const { unreadableTemplates, checkedFaceCount } = await enrollment.verifyTemplates({ collection });
    const counted = (await enrollment.getCollection({ name: collection })).collection?.faceCount;
    hold(
      unreadableTemplates.length === 0,
      `${unreadableTemplates.length} templates of ${collection} do not open`,
    );
    hold(counted === checkedFaceCount, `${checkedFaceCount} faces, ${String(counted)} counted`);
  }
  const ready = await fetch(`${target.server.httpUrl}/readyz`);
  hold(ready.status === 200, `/readyz is ${ready.status}`);
}
