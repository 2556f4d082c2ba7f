import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { childrenOf, listenerCount } from '../../support/process-measures.js';
import { type Attack, hold, type Scene } from '../attack.js';
import type { Target } from '../target.js';

/** What rotates logs, reads settings again or asks for a debugger elsewhere. */
const straySignals = ['SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
const callsAtWork = 8;
const endedWithinMs = 12_000;

export default {
  title:
    'signals that mean something to others: to rotate logs, to read settings again, to debug, to end as nginx does',
  isShort: true,
  hasOwnServices: true,
  limitSeconds: 90,
  run: async (scene) => {
    const target = await scene.startTarget();
    const processId = target.server.process.pid ?? 0;
    const processIds = [processId, ...childrenOf(processId)];
    hold(processIds.length > 1, 'it has no worker');
    const before = processIds.map(listenerCount);
    hold((before[0] ?? 0) > 0, 'its own listeners are not seen');
    const calls = callsOf(scene, target);
    for (const signal of straySignals) {
      for (const id of processIds) process.kill(id, signal);
      await sleep(200);
    }
    holdAllAnswered(await Promise.all(calls), straySignals.join(', '));
    // Node's debugger listens a moment later.
    await sleep(500);
    const isSame = processIds.every((id, index) => listenerCount(id) === before[index]);
    hold(isSame, 'it listens for a debugger');
    const ms = await quit(scene, target);
    return `${straySignals.join(', ')} to ${processIds.length} processes: all of ${callsAtWork} calls answered, no debugger; SIGQUIT ends it within ${ms} ms`;
  },
} satisfies Attack;

/** Ends it by SIGQUIT to each of its processes, as a terminal does. @returns how long it took */
async function quit(scene: Scene, target: Target): Promise<number> {
  const child = target.server.process;
  const calls = callsOf(scene, target);
  // The first is answered: the others have come, too.
  await Promise.race(calls);
  const exited = once(child, 'exit');
  const beginMs = performance.now();
  for (const id of [child.pid ?? 0, ...childrenOf(child.pid ?? 0)]) process.kill(id, 'SIGQUIT');
  holdAllAnswered(await Promise.all(calls), 'SIGQUIT');
  const [code] = (await exited) as [number | null];
  hold(code === 0, `SIGQUIT ends it with exit code ${String(code)}`);
  const ms = Math.round(performance.now() - beginMs);
  hold(ms < endedWithinMs, `SIGQUIT ends it after ${ms} ms`);
  return ms;
}

function callsOf({ photographs }: Scene, target: Target): readonly Promise<string>[] {
  const { faceVerification } = target.client();
  const request = { imageA: { content: photographs.person }, imageB: { content: photographs.other } };
  return Array.from({ length: callsAtWork }, () =>
    faceVerification.verify(request).then(() => 'OK', reasonOf),
  );
}

function holdAllAnswered(outcomes: readonly string[], what: string): void {
  const lost = outcomes.filter((outcome) => !/^(?:OK|SHUTTING_DOWN|OVERLOADED)$/u.test(outcome));
  hold(
    lost.length === 0,
    `${what}: ${lost.length} of ${outcomes.length} calls at work were lost: ${lost[0] ?? ''}`,
  );
}

function reasonOf(error: unknown): string {
  return error instanceof RemoteFailure
    ? (error.reason ?? `${error.codeName} ${error.message}`)
    : String(error);
}
