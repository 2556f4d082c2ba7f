import { expect, it, vi } from 'vitest';
import { Failure } from '../../../core/failure.js';
import { apiKeyText } from '../api-key.js';
import type { StoredKey } from './api-key.store.js';
import { Authenticate } from './authenticate.js';
import { secretHashOf } from './manage-api-keys.js';

const secret = 'a'.repeat(43);
const goodId = 'ffffffffffffffff';
const good = apiKeyText(goodId, secret);
const stored: StoredKey = {
  key: {
    id: goodId,
    tenant: 'acme',
    role: 'client',
    displayName: '',
    createTime: new Date(0),
    revokeTime: undefined,
    requestsPerSecond: 0,
    imagesPerDay: 0,
  },
  secretHash: secretHashOf(secret),
};

function madeUp(index: number): string {
  return apiKeyText(index.toString(16).padStart(16, '0'), secret);
}

/** An Authenticate, what it asked the database for, and its clock. */
function watched(there = new Map<string, StoredKey>([[goodId, stored]])) {
  const findAll = vi.fn((ids: readonly string[]) =>
    Promise.resolve(new Map(ids.flatMap((id) => (there.has(id) ? [[id, there.get(id)!] as const] : [])))),
  );
  const clock = { ms: 0 };
  return { authenticate: new Authenticate({ findAll }, () => clock.ms), findAll, clock, there };
}

async function refusals(
  authenticate: Authenticate,
  texts: readonly string[],
  address: (index: number) => string,
) {
  const outcomes = await Promise.allSettled(
    texts.map(async (text, index) => authenticate.execute(text, address(index))),
  );
  return outcomes.filter(
    (outcome) =>
      outcome.status === 'rejected' &&
      outcome.reason instanceof Failure &&
      outcome.reason.reason === 'UNAUTHENTICATED',
  ).length;
}

it('looks made-up keys up together, whoever sends them', async () => {
  const { authenticate, findAll } = watched();
  const keys = Array.from({ length: 900 }, (_, index) => madeUp(index));
  expect(await refusals(authenticate, keys, (index) => `192.0.2.${index}`)).toBe(900);
  expect(findAll.mock.calls.length).toBeLessThan(5);
});

it('asks nothing again of an id that was made up', async () => {
  const { authenticate, findAll } = watched();
  for (let time = 0; time < 10; time++) await refusals(authenticate, [madeUp(1)], () => '192.0.2.1');
  expect(findAll).toHaveBeenCalledTimes(1);
});

it('lets an address that sends wrong keys wait, longer each time, but not whoever has a key there', async () => {
  const { authenticate, findAll, clock } = watched();
  const address = () => '192.0.2.1';
  await authenticate.execute(good, address());
  for (let index = 0; index < 30; index++) await refusals(authenticate, [madeUp(index)], address);
  const asked = findAll.mock.calls.length;
  await expect(authenticate.execute(madeUp(100), address())).rejects.toMatchObject({
    reason: 'OVERLOADED',
    metadata: { retry_after_seconds: '1' },
  });
  expect(findAll).toHaveBeenCalledTimes(asked);
  // Its trust is over, and it is looked up again.
  clock.ms = 900;
  expect(await authenticate.execute(good, address())).toMatchObject({ tenant: 'acme' });
  clock.ms = 1_100;
  await refusals(authenticate, [madeUp(101)], address);
  clock.ms = 3_000;
  await expect(authenticate.execute(madeUp(102), address())).rejects.toMatchObject({ reason: 'OVERLOADED' });
  await expect(authenticate.execute(madeUp(103), '192.0.2.2')).rejects.toThrow(/not one of this service/u);
});

it('lets a key that was never seen in, where its address sends wrong keys without end, once it comes again', async () => {
  const { authenticate, clock } = watched();
  for (let index = 0; index < 40; index++) {
    await refusals(authenticate, [madeUp(index)], () => '2001:db8:1:2::1');
    clock.ms += 10_000;
  }
  const address = '2001:db8:1:2:ffff::2';
  await expect(authenticate.execute(good, address)).rejects.toMatchObject({ reason: 'OVERLOADED' });
  clock.ms += 500;
  await expect(authenticate.execute(good, address)).rejects.toMatchObject({ reason: 'OVERLOADED' });
  for (let index = 100; index < 200; index++) await refusals(authenticate, [madeUp(index)], () => address);
  clock.ms += 600;
  expect(await authenticate.execute(good, address)).toMatchObject({ tenant: 'acme' });
});

it('knows a key that was made here while wrong ones come from the same address', async () => {
  const { authenticate, there } = watched(new Map<string, StoredKey>());
  const address = () => '127.0.0.1';
  for (let index = 0; index < 30; index++) await refusals(authenticate, [madeUp(index)], address);
  await refusals(authenticate, [good], address);
  there.set(goodId, stored);
  authenticate.changed(goodId);
  expect(await authenticate.execute(good, address())).toMatchObject({ tenant: 'acme' });
});

it('refuses what was revoked here at once', async () => {
  const { authenticate, there } = watched();
  await authenticate.execute(good);
  there.set(goodId, { ...stored, key: { ...stored.key, revokeTime: new Date() } });
  authenticate.changed(goodId);
  await expect(authenticate.execute(good)).rejects.toThrow(/revoked/u);
});
