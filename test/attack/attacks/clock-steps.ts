import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { type Attack, hold } from '../attack.js';

const preload = fileURLToPath(new URL('../preloads/stepped-clock.cjs', import.meta.url));
const hourMs = 3_600_000;
/** docs/security.md promises five seconds on other replicas, and at once here. */
const revokedWithinMs = 6_000;

export default {
  title: 'the clock steps back and forth by hours while keys are revoked and calls are made',
  isShort: true,
  hasOwnServices: true,
  limitSeconds: 180,
  run: async ({ startTarget, newFolder, photographs }) => {
    const offset = join(await newFolder(), 'offset');
    const target = await startTarget({
      settings: { NODE_OPTIONS: `--require ${preload}`, SYMFACE_CLOCK_OFFSET: offset },
    });
    const admin = target.client(target.keys.admin).admin;
    const verify = async (): Promise<string> =>
      target
        .client()
        .faceVerification.verify({
          imageA: { content: photographs.person },
          imageB: { content: photographs.personAgain },
        })
        .then(({ matched }) => (matched ? 'OK' : 'the wrong answer'), reasonOf);
    const seen: string[] = [];
    for (const stepMs of [-2 * hourMs, 30 * hourMs, 0]) {
      const { secret, apiKey } = await admin.createApiKey({ tenant: 'acme' });
      const used = target.client(secret);
      await used.admin.getCaller({});
      await writeFile(offset, String(stepMs));
      await sleep(300);
      hold((await verify()) === 'OK', `a step of ${stepMs / hourMs} hours: Verify is ${await verify()}`);
      await admin.revokeApiKey({ name: apiKey?.name ?? '' });
      const beginMs = performance.now();
      while ((await outcomeOf(used.admin.getCaller({}))) !== 'UNAUTHENTICATED') {
        hold(
          performance.now() - beginMs < revokedWithinMs,
          `a step of ${stepMs / hourMs} hours: a revoked key works on`,
        );
        await sleep(100);
      }
      seen.push(`${stepMs / hourMs} h: revoked after ${Math.round(performance.now() - beginMs)} ms`);
    }
    await target.stop();
    return seen.join(', ');
  },
} satisfies Attack;

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(() => 'OK', reasonOf);
}

function reasonOf(error: unknown): string {
  return error instanceof RemoteFailure ? (error.reason ?? error.codeName) : String(error);
}
