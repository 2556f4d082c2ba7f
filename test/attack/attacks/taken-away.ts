import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { childrenOf, commandOf } from '../../support/process-measures.js';
import { type Attack, hold } from '../attack.js';
import { until } from '../job-workers.js';
import { enrolSomebody, type Target } from '../target.js';

/** A worker has to have died, and another to have failed to start; on cores that others share. */
const toldWithinMs = 10_000;
const backWithinMs = 60_000;

export default {
  title:
    'taken away under the running service: all workers and their models, and the folder of the embedded database',
  isShort: true,
  hasOwnServices: true,
  limitSeconds: 180,
  run: async ({ startTarget, photographs }) => {
    const target = await startTarget();
    await enrolSomebody(target, [photographs.person]);
    const { faceVerification, enrollment } = target.client(target.keys.acme, 60_000);
    const look = async (): Promise<string> =>
      faceVerification.detectFaces({ image: { content: photographs.person } }).then(() => 'OK', reasonOf);
    const folder = (name: string): string => join(target.server.dataFolder, name);

    await rename(folder('models'), folder('models-away'));
    const beginMs = performance.now();
    for (const worker of workersOf(target)) process.kill(worker, 'SIGKILL');
    const told = await Promise.all([look(), look(), look()]);
    const toldAfterMs = Math.round(performance.now() - beginMs);
    const isTold = told.every((outcome) => outcome === 'NO_WORKER') && toldAfterMs < toldWithinMs;
    hold(isTold, `without workers calls are told ${told.join(', ')} after ${toldAfterMs} ms`);
    hold((await readinessOf(target)) === 503, `without workers /readyz is not 503`);
    await rename(folder('models-away'), folder('models'));
    await until('calls are answered with the models back', backWithinMs, async () => (await look()) === 'OK');

    const change = async (id: string): Promise<string> =>
      enrollment.createSubject({ parent: target.collection, subjectId: id }).then(() => 'OK', reasonOf);
    await rename(folder('database'), folder('away'));
    const lost = [await change('lost'), String(await readinessOf(target))];
    await cp(folder('away'), folder('database'), { recursive: true });
    lost.push(await change('replaced'));
    await rm(folder('database'), { recursive: true });
    hold(
      lost.join(' ') === 'DATABASE_UNAVAILABLE 503 DATABASE_UNAVAILABLE',
      `without the folder of the database: ${lost.join(' ')}`,
    );
    await rename(folder('away'), folder('database'));
    await until('changes are taken again', backWithinMs, async () => (await change('back')) === 'OK');
    const { subjects } = await enrollment.listSubjects({ parent: target.collection });
    hold(subjects.length === 2, `${subjects.length} subjects are there, not those that were acknowledged`);
    hold((await target.stop()) === 0, 'it does not end in good order');
    return `without workers told after ${toldAfterMs} ms; without its folder the database takes no changes; both come back`;
  },
} satisfies Attack;

function workersOf({ server }: Target): readonly number[] {
  const children = childrenOf(server.process.pid ?? 0);
  return children.filter((processId) => commandOf(processId).includes('inference-worker'));
}

async function readinessOf({ server }: Target): Promise<number> {
  return (await fetch(`${server.httpUrl}/readyz`)).status;
}

function reasonOf(error: unknown): string {
  return error instanceof RemoteFailure ? (error.reason ?? error.codeName) : String(error);
}
