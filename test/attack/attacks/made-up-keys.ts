import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Metadata } from '@grpc/grpc-js';
import { type Attack, hold } from '../attack.js';
import { RawCaller } from '../raw-calls.js';

const path = '/symface.v1.AdminService/GetCaller';
const perSecond = 1_000;
/** Without an attack a call takes about 150 ms of a core. */
const slowestMs = 3_000;

export default {
  title: '1,000 calls a second under made-up keys, and guesses at a known key',
  isShort: true,
  limitSeconds: 60,
  bystander: { slowestMs },
  run: async ({ target, isShort }) => {
    const caller = new RawCaller(target.server.address, '');
    const [, id = ''] = target.keys.acme.split('_');
    const pending: Promise<string>[] = [];
    const call = async (key: string): Promise<string> => {
      const metadata = new Metadata();
      metadata.set('authorization', `Bearer ${key}`);
      return (await caller.call(path, [Buffer.alloc(0)], 10_000, metadata)).code;
    };
    try {
      const endMs = performance.now() + (isShort ? 3_000 : 8_000);
      for (let sent = 0; performance.now() < endMs;) {
        for (let burst = 0; burst < perSecond / 20; burst++, sent++) {
          const keyId = sent % 10 === 0 ? id : randomBytes(8).toString('hex');
          pending.push(call(`sfk_${keyId}_${randomBytes(32).toString('base64url')}`));
        }
        await sleep(50);
      }
      const codes = new Set(await Promise.all(pending));
      const isRefused = [...codes].every(
        (code) => code === 'UNAUTHENTICATED' || code === 'RESOURCE_EXHAUSTED',
      );
      hold(isRefused, `made-up keys are answered ${[...codes].join(', ')}`);
      const { tenant } = await target.client(target.keys.acme, 5_000).admin.getCaller({});
      hold(tenant === 'acme', 'the key at which was guessed does not work any more');
    } finally {
      caller.close();
    }
    return `${pending.length} refused; the key that was guessed at works`;
  },
} satisfies Attack;
