import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { activate, activeBackbone } from '../../support/activations.js';
import { importTinyBackbone } from '../../support/tiny-backbone-import.js';
import { type Attack, hold, type Scene } from '../attack.js';
import { hasBegun, type JobWorker, startJobWorker, until } from '../job-workers.js';
import type { Target } from '../target.js';
import { enrolTrainable, shortTraining, trainableFaces, trainedCollection } from '../trainable.js';

/** A lease, and what another takes to look. */
const takenOverWithinMs = 60_000;
const endedWithinMs = 150_000;

export default {
  title:
    'workers and gateways frozen past their lease in a retraining and in an activation, then thawed: nothing twice',
  isShort: false,
  databases: ['postgres'],
  hasOwnServices: true,
  limitSeconds: 900,
  run: async (scene) => {
    const target = await scene.startTarget({ settings: { SYMFACE_QUEUES: 'assessment,benchmark' } });
    const { databaseUrl = '' } = target;
    const parent = await enrolTrainable(scene, target);
    const workers = [await startJobWorker(scene, databaseUrl), await startJobWorker(scene, databaseUrl)];
    const seen = [await frozenTraining(scene, target, workers, parent, 'a worker')];
    seen.push(await frozenActivation(scene, target, workers));
    // A gateway that trains by itself, beside one worker.
    workers.pop()?.process.kill('SIGTERM');
    const { server } = await scene.startTarget({
      databaseUrl,
      settings: { SYMFACE_QUEUES: 'training,activation' },
    });
    const gateway = { process: server.process, output: server.output };
    seen.push(await frozenTraining(scene, target, [gateway, ...workers], parent, 'a gateway', gateway));
    await target.stop();
    return seen.join('; ');
  },
} satisfies Attack;

/** Freezes who has the job, and waits until another has it. @returns the frozen one */
async function freezeHolder(
  { afterwards }: Scene,
  workers: readonly JobWorker[],
  jobId: string,
): Promise<JobWorker> {
  await until('somebody works on the job', 30_000, () => workers.some((worker) => hasBegun(worker, jobId)));
  const holder = workers.find((worker) => hasBegun(worker, jobId));
  hold(holder !== undefined, 'nobody works on the job');
  // Somewhere within.
  await sleep(Math.random() * 2_500);
  holder.process.kill('SIGSTOP');
  // Frozen it could not be ended.
  afterwards(() => holder.process.kill('SIGCONT'));
  return holder;
}

async function frozenTraining(
  scene: Scene,
  target: Target,
  workers: readonly JobWorker[],
  parentModelVersion: string,
  who: string,
  wanted?: JobWorker,
): Promise<string> {
  const client = target.client(target.keys.admin);
  const others = workers.filter((worker) => worker !== wanted);
  // So that the wanted one gets it.
  if (wanted !== undefined) for (const { process: other } of others) other.kill('SIGSTOP');
  const { job } = await client.training.createTraining({
    parentModelVersion,
    // Of the whole of what was learnt a candidate is always made; of the same epochs it would be the same one.
    policy: { ...shortTraining, trainedShare: 1, epochs: wanted === undefined ? 3 : 2 },
  });
  const name = job?.name ?? '';
  const id = name.slice('jobs/'.length);
  const frozen = await freezeHolder(scene, workers, id);
  if (wanted !== undefined) for (const { process: other } of others) other.kill('SIGCONT');
  const rest = workers.filter((worker) => worker !== frozen);
  const isTakenOver = (): boolean => rest.some((worker) => hasBegun(worker, id));
  await until('another takes the training over', takenOverWithinMs, isTakenOver);
  const stateNow = async (): Promise<string> => (await client.job.getJob({ name })).job?.state ?? '';
  const isThawedAtEnd = Math.random() < 0.5;
  if (isThawedAtEnd) await until('the training ends', endedWithinMs, async () => isOver(await stateNow()));
  else await sleep(Math.random() * 3_000);
  frozen.process.kill('SIGCONT');
  await until('the training ends', endedWithinMs, async () => isOver(await stateNow()));
  // What the thawed one would do besides it does by now.
  await sleep(4_000);
  const state = await stateNow();
  hold(state === 'JOB_STATE_SUCCEEDED', `the training of a frozen worker ends ${state}`);
  const { modelVersions } = await client.model.listModelVersions({});
  const candidates = modelVersions.filter(({ manifestJson }) => manifestJson.includes(id));
  hold(candidates.length === 1, `a training of ${who} has left ${candidates.length} candidates`);
  const { jobs } = await client.job.listJobs({ kind: 'JOB_KIND_ASSESSMENT' });
  const assessments = jobs.filter((one) => JSON.stringify(one).includes(candidates[0]?.name ?? ''));
  hold(assessments.length === 1, `its candidate is assessed ${assessments.length} times`);
  await inspectArtifacts(target, id);
  await inspectFaces(target);
  hold(frozen.process.exitCode === null, `${who} that was frozen has ended: ${frozen.output().slice(-400)}`);
  return `a training of ${who} thawed ${isThawedAtEnd ? 'after its end' : 'beside its successor'}`;
}

/** While a worker is frozen in an activation another finishes it, and a third version is activated after that. */
async function frozenActivation(
  scene: Scene,
  target: Target,
  workers: readonly JobWorker[],
): Promise<string> {
  const client = target.client(target.keys.admin);
  const original = await activeBackbone(client);
  const tiny = await importTinyBackbone(client);
  const { name } = await activate(client, tiny);
  const frozen = await freezeHolder(scene, workers, name.slice('jobs/'.length));
  const stateOf = async (job: string): Promise<string> =>
    (await client.job.getJob({ name: job })).job?.state ?? '';
  await until('the activation ends', endedWithinMs, async () => isOver(await stateOf(name)));
  hold((await stateOf(name)) === 'JOB_STATE_SUCCEEDED', `the activation ends ${await stateOf(name)}`);
  const back = await activate(client, original);
  await until('the next activation ends', endedWithinMs, async () => isOver(await stateOf(back.name)));
  frozen.process.kill('SIGCONT');
  await sleep(6_000);
  const serves = await activeBackbone(client);
  hold(serves === original, `a worker that was frozen has activated ${serves} behind everybody's back`);
  await inspectFaces(target);
  return 'an activation thawed after the next one';
}

function isOver(state: string): boolean {
  return !/QUEUED|RUNNING/u.test(state);
}

async function inspectFaces(target: Target): Promise<void> {
  const { enrollment } = target.client(target.keys.admin, 60_000);
  const { unreadableTemplates, checkedFaceCount } = await enrollment.verifyTemplates({
    collection: trainedCollection,
  });
  hold(checkedFaceCount === trainableFaces, `${checkedFaceCount} faces are left`);
  hold(unreadableTemplates.length === 0, `${unreadableTemplates.length} faces have no template`);
}

/** Of a training that has ended its report and its log stay, and no file is half written. */
async function inspectArtifacts({ databaseUrl }: Target, jobId: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client
    .query<{ name: string }>(
      `SELECT name FROM artifacts WHERE name LIKE '%' || $1 || '%' AND NOT name ~ 'report|log'`,
      [jobId],
    )
    .finally(async () => client.end());
  hold(rows.length === 0, () => `of the training there is left ${rows.map(({ name }) => name).join(', ')}`);
}
