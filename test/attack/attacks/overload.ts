import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { residentMebibytes } from '../../support/process-measures.js';
import { type Attack, hold } from '../attack.js';
import { setTimeout as sleep } from 'node:timers/promises';

const clients = 60;
const grownMebibytes = 400;

export default {
  title: '60 clients of one tenant who call again as soon as they are answered or refused',
  isShort: true,
  limitSeconds: 120,
  run: async ({ target, photographs, isShort }) => {
    const before = residentMebibytes(target.server.process.pid ?? 0);
    const outcomes = new Map<string, number>();
    const endMs = performance.now() + (isShort ? 6_000 : 30_000);
    const call = async (): Promise<void> => {
      const { faceVerification } = target.client(target.keys.rival);
      while (performance.now() < endMs) {
        const outcome = await faceVerification
          .embed({ image: { content: photographs.other } })
          .then(() => 'OK', reasonOf);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (outcome !== 'OK') await sleep(20);
      }
    };
    await Promise.all(Array.from({ length: clients }, call));
    const others = [...outcomes.keys()].filter(
      (outcome) => !/^(?:OK|OVERLOADED|RATE_LIMITED)$/u.test(outcome),
    );
    hold(others.length === 0, `calls end ${others.join(', ')}`);
    hold((outcomes.get('OK') ?? 0) > 0, 'nothing is answered');
    const grown = residentMebibytes(target.server.process.pid ?? 0) - before;
    hold(grown < grownMebibytes, `it keeps ${Math.round(grown)} MiB`);
    return [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  },
} satisfies Attack;

function reasonOf(error: unknown): string {
  return error instanceof RemoteFailure
    ? (error.reason ?? `${error.codeName}: ${error.message}`)
    : String(error);
}
