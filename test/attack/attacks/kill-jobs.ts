import { setTimeout as sleep } from 'node:timers/promises';
import type { SymFaceClient } from '../../../src/client/symface-client.js';
import { childrenOf, commandOf, cpuMs, isRunning } from '../../support/process-measures.js';
import { type Attack, hold } from '../attack.js';
import type { Target } from '../target.js';
import { enrolTrainable, shortTraining, trainableFaces, trainedCollection } from '../trainable.js';

const endedWithinMs = 120_000;
/** Trainings have a low priority: beside full cores seconds of their processor are minutes. */
const noticedWithinCpuMs = 5_000;
const starvedForMs = 60_000;

export default {
  title:
    'kill -9 in every phase of a retraining and of a change of the data key: both are finished, nothing is lost',
  isShort: false,
  hasOwnServices: true,
  databases: ['embedded', 'postgres'],
  limitSeconds: 300,
  run: async (scene) => {
    let target = await scene.startTarget();
    const parent = await enrolTrainable(scene, target);
    const training = async ({ training: service }: SymFaceClient): Promise<string> => {
      const { job } = await service.createTraining({
        parentModelVersion: parent,
        policy: shortTraining,
      });
      return job?.name ?? '';
    };
    const rotation = async ({ encryption }: SymFaceClient): Promise<string> =>
      (await encryption.rotateDataKey({})).job?.name ?? '';
    const seen: string[] = [];
    let slowestCpuMs = 0;
    for (const [what, start, kills, betweenMs] of [
      ['a retraining', training, 5, 1_500],
      ['a change of the data key', rotation, 2, 300],
    ] as const) {
      const name = await start(target.client(target.keys.admin));
      for (let kill = 0; kill < kills; kill++) {
        await sleep(Math.random() * betweenMs * (kill + 1));
        const started = childrenOf(target.server.process.pid ?? 0);
        target = await target.killAndRestart(async () => {
          const { left, cpuMs: tookMs } = await survivors(started);
          slowestCpuMs = Math.max(slowestCpuMs, tookMs);
          hold(left.length === 0, `without their service there live on: ${left.map(commandOf).join('; ')}`);
        });
      }
      const state = await endOf(target.client(target.keys.admin), name);
      hold(state === 'JOB_STATE_SUCCEEDED', `${what} that was killed ${kills} times ends ${state}`);
      await inspect(target, what);
      seen.push(`${what}: ${kills} kills, ${state}`);
    }
    await target.stop();
    return `${seen.join('; ')}; children ended after ${slowestCpuMs} ms of a processor at most`;
  },
} satisfies Attack;

async function endOf({ job }: SymFaceClient, name: string): Promise<string> {
  const beginMs = performance.now();
  for (;;) {
    const { job: now } = await job.getJob({ name });
    const state = now?.state ?? '';
    if (!/QUEUED|RUNNING/u.test(state)) return now?.error == null ? state : `${state}: ${now.error.message}`;
    hold(performance.now() - beginMs < endedWithinMs, `${name} is ${state} after ${endedWithinMs / 1000} s`);
    await sleep(300);
  }
}

async function inspect(target: Target, what: string): Promise<void> {
  const { enrollment } = target.client(target.keys.admin, 60_000);
  const { unreadableTemplates, checkedFaceCount } = await enrollment.verifyTemplates({
    collection: trainedCollection,
  });
  hold(checkedFaceCount === trainableFaces, `after ${what} ${checkedFaceCount} faces are left`);
  hold(unreadableTemplates.length === 0, `after ${what} ${unreadableTemplates.length} templates do not open`);
  const { faces } = await enrollment.listEnrolledFaces({ parent: `${trainedCollection}/subjects/p0` });
  for (const { name } of faces) await enrollment.getEnrolledFaceCrop({ name });
}

interface Survivors {
  readonly left: readonly number[];
  /** What the one that was slowest to notice took of a processor. */
  readonly cpuMs: number;
}

/** @returns those that have not noticed, in some seconds of a processor, that who started them is gone */
async function survivors(processIds: readonly number[]): Promise<Survivors> {
  const before = new Map(processIds.map((processId) => [processId, cpuMs(processId)]));
  const giveUpMs = performance.now() + starvedForMs;
  let slowestMs = 0;
  for (;;) {
    const left = processIds.filter((processId) => isRunning(processId));
    const tookMs = left.map((processId) => cpuMs(processId) - (before.get(processId) ?? 0));
    slowestMs = Math.max(slowestMs, ...tookMs);
    if (left.length === 0 || slowestMs > noticedWithinCpuMs || performance.now() > giveUpMs)
      return { left, cpuMs: slowestMs };
    await sleep(20);
  }
}
