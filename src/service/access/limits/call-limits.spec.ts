import { describe, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import { CallLimits } from './call-limits.js';
import { ImageQuotas } from './image-quotas.js';
import type { KeyUsage } from './key-usage.store.js';
import { RequestRates } from './request-rates.js';

/** What the tables of all replicas would hold. */
function storeOfAll() {
  const sums = new Map<string, number>();
  const queries: (readonly KeyUsage[])[] = [];
  return {
    sums,
    queries,
    add: async (usages: readonly KeyUsage[]): Promise<readonly KeyUsage[]> => {
      queries.push(usages);
      await Promise.resolve();
      return usages.map(({ keyId, day, images }) => {
        const sum = (sums.get(`${keyId} ${day}`) ?? 0) + images;
        sums.set(`${keyId} ${day}`, sum);
        return { keyId, day, images: sum };
      });
    },
  };
}

function failureOf(act: () => void): Failure {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error('it was let through');
}

describe('requests a second', () => {
  it('lets so many through at once, then as many a second, and says when the next may come', () => {
    let nowMs = 0;
    const rates = new RequestRates(() => nowMs);
    const take = (): void => {
      rates.take('key', 4);
    };
    for (let request = 0; request < 4; request++) take();
    const refused = failureOf(take);
    expect(refused).toMatchObject({ reason: 'RATE_LIMITED', metadata: { retry_after_seconds: '0.25' } });
    rates.take('another', 4);
    nowMs = 250;
    take();
    failureOf(take);
    nowMs = 60_000;
    for (let request = 0; request < 4; request++) take();
    failureOf(take);
  });

  it('goes by a new limit at once', () => {
    const rates = new RequestRates(() => 0);
    rates.take('key', 1);
    rates.take('key', 2);
    rates.take('key', 2);
    failureOf(() => {
      rates.take('key', 2);
    });
  });
});

describe('images a day', () => {
  it('counts to the limit, without a query a call', async () => {
    const store = storeOfAll();
    const quotas = new ImageQuotas(store, () => new Date('2026-11-30T23:59:00Z'));
    for (let call = 0; call < 5; call++) {
      await quotas.know('key');
      quotas.take('key', 10, 2);
    }
    expect(store.queries).toHaveLength(1);
    const refused = failureOf(() => {
      quotas.take('key', 10, 1);
    });
    expect(refused.metadata).toMatchObject({ left: '0', retry_after_seconds: '60' });
    quotas.giveBack('key', 2, '2026-11-30');
    quotas.take('key', 10, 2);
  });

  it('goes on after a restart, and with what other replicas counted', async () => {
    const store = storeOfAll();
    const now = () => new Date('2026-11-30T10:00:00Z');
    const [one, other] = [new ImageQuotas(store, now), new ImageQuotas(store, now)];
    await Promise.all([one.know('key'), other.know('key')]);
    one.take('key', 10, 6);
    await one.close();
    const restarted = new ImageQuotas(store, now);
    await restarted.know('key');
    failureOf(() => {
      restarted.take('key', 10, 5);
    });
    other.take('key', 10, 3);
    await other.close();
    failureOf(() => {
      other.take('key', 10, 2);
    });
    expect([...store.sums.values()]).toEqual([9]);
  });

  it('gives back to the day before what was counted for it', async () => {
    const store = storeOfAll();
    let time = '2026-11-30T23:59:59Z';
    const quotas = new ImageQuotas(store, () => new Date(time));
    const limits = { requestsPerSecond: 0, imagesPerDay: 10 };
    const caller = { actor: 'key', tenant: 'default', role: 'client', limits } as const;
    const { images } = await new CallLimits(new RequestRates(), quotas).admit(caller);
    images?.take(4);
    time = '2026-12-01T00:00:01Z';
    images?.giveBack(4);
    await quotas.close();
    expect(Object.fromEntries(store.sums)).toEqual({ 'key 2026-11-30': 0 });
  });

  it('begins anew at midnight, and loses nothing of the day before', async () => {
    const store = storeOfAll();
    let time = '2026-11-30T23:59:59Z';
    const quotas = new ImageQuotas(store, () => new Date(time));
    await quotas.know('key');
    quotas.take('key', 10, 10);
    time = '2026-12-01T00:00:01Z';
    await quotas.know('key');
    quotas.take('key', 10, 4);
    await quotas.close();
    expect(Object.fromEntries(store.sums)).toEqual({ 'key 2026-11-30': 10, 'key 2026-12-01': 4 });
  });

  it('keeps what could not be added', async () => {
    const store = storeOfAll();
    let isAway = true;
    const add = async (usages: readonly KeyUsage[]) => {
      if (isAway) throw new Failure('DATABASE_UNAVAILABLE', 'away');
      return store.add(usages);
    };
    const quotas = new ImageQuotas({ add });
    quotas.take('key', 10, 3);
    await quotas.close();
    isAway = false;
    await quotas.close();
    expect([...store.sums.values()]).toEqual([3]);
  });
});
