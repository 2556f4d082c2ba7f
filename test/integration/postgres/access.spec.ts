import { expect, it, vi } from 'vitest';
import { AuditLog, recordAuditEvent } from '../../../src/service/access/audit/audit-log.js';
import { ApiKeyStore } from '../../../src/service/access/keys/api-key.store.js';
import { Authenticate, apiKeyTrustMs } from '../../../src/service/access/keys/authenticate.js';
import { ManageApiKeys } from '../../../src/service/access/keys/manage-api-keys.js';
import { KeyUsageStore } from '../../../src/service/access/limits/key-usage.store.js';
import { parseApiKeyText } from '../../../src/service/access/api-key.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { someCaller } from '../../support/enrolments.js';

describeOnEveryDatabase('access', (test) => {
  const command = { tenant: 'acme', role: 'client', displayName: 'Door 1' } as const;

  it('knows a key by its secret, and nobody by anything else', async () => {
    const store = new ApiKeyStore(test.database);
    const authenticate = new Authenticate(store);
    const { key, secretText } = await new ManageApiKeys(store).create(command, someCaller);
    expect(await authenticate.execute(secretText)).toEqual({
      actor: `apiKeys/${key.id}`,
      tenant: 'acme',
      role: 'client',
      limits: { requestsPerSecond: 0, imagesPerDay: 0 },
    });
    const changed = secretText.replace(/.$/u, (last) => (last === 'A' ? 'B' : 'A'));
    const otherId = secretText.replace(/_[0-9a-f]{16}_/u, '_0000000000000000_');
    for (const text of [undefined, '', 'sfk_', changed, otherId, `${secretText} `]) {
      await expect(authenticate.execute(text)).rejects.toMatchObject({ reason: 'UNAUTHENTICATED' });
    }
  });

  it('changes the limits of a key that are given, records it, and knows them at once', async () => {
    const store = new ApiKeyStore(test.database);
    const authenticate = new Authenticate(store);
    const keys = new ManageApiKeys(store, authenticate);
    const { key, secretText } = await keys.create({ ...command, requestsPerSecond: 5 }, someCaller);
    await authenticate.execute(secretText);
    const name = `apiKeys/${key.id}`;
    expect(await keys.limit(name, { imagesPerDay: 100 }, someCaller)).toMatchObject({
      requestsPerSecond: 5,
      imagesPerDay: 100,
    });
    expect(await authenticate.execute(secretText)).toMatchObject({
      limits: { requestsPerSecond: 5, imagesPerDay: 100 },
    });
    const [event] = await new AuditLog(test.database).list({ limit: 1, after: undefined });
    expect(event).toMatchObject({ action: 'api-key.update', details: { images_per_day: '100' } });
    await expect(keys.limit('apiKeys/0000000000000000', {}, someCaller)).rejects.toMatchObject({
      reason: 'API_KEY_NOT_FOUND',
    });
  });

  it('adds up the images of all replicas, and forgets former days', async () => {
    const store = new KeyUsageStore(test.database);
    const [monday, tuesday] = ['2026-11-30', '2026-12-01'];
    await store.add([
      { keyId: 'a', day: monday, images: 3 },
      { keyId: 'b', day: monday, images: 1 },
    ]);
    expect(await store.add([{ keyId: 'a', day: monday, images: 4 }])).toEqual([
      { keyId: 'a', day: monday, images: 7 },
    ]);
    await Promise.all(
      Array.from({ length: 4 }, async () =>
        store.add(['b', 'a'].map((keyId) => ({ keyId, day: tuesday, images: 1 }))),
      ),
    );
    const rows = await test.database.rows('SELECT key_id, day, images::int FROM key_usage ORDER BY 1');
    expect(rows).toEqual(['a', 'b'].map((key) => ({ key_id: key, day: tuesday, images: 4 })));
  });

  it('keeps no secret', async () => {
    const { secretText } = await new ManageApiKeys(new ApiKeyStore(test.database)).create(
      command,
      someCaller,
    );
    const rows = await test.database.rows('SELECT *, encode(secret_hash, $1) AS hex FROM api_keys', [
      'escape',
    ]);
    const events = await test.database.rows('SELECT * FROM audit_events');
    const { secret } = parseApiKeyText(secretText)!;
    expect(JSON.stringify([rows, events])).not.toContain(secret);
  });

  it('refuses a revoked key, at once or when its trust ends', async () => {
    const store = new ApiKeyStore(test.database);
    const keys = new ManageApiKeys(store);
    let nowMs = 0;
    const replica = new Authenticate(store, () => nowMs);
    const { key, secretText } = await keys.create(command, someCaller);
    await replica.execute(secretText);
    const revoked = await keys.revoke(`apiKeys/${key.id}`, someCaller);
    expect(await keys.revoke(`apiKeys/${key.id}`, someCaller)).toEqual(revoked);
    nowMs = apiKeyTrustMs + 1;
    await expect(replica.execute(secretText)).rejects.toMatchObject({ reason: 'UNAUTHENTICATED' });
    await expect(new Authenticate(store).execute(secretText)).rejects.toThrow(/revoked/u);
    await expect(keys.revoke('apiKeys/0000000000000000', someCaller)).rejects.toMatchObject({
      reason: 'API_KEY_NOT_FOUND',
    });
  });

  it('refuses a revoked key while the clock is stepped back', async () => {
    const store = new ApiKeyStore(test.database);
    const keys = new ManageApiKeys(store);
    const replica = new Authenticate(store);
    const { key, secretText } = await keys.create(command, someCaller);
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    try {
      await replica.execute(secretText);
      await keys.revoke(`apiKeys/${key.id}`, someCaller);
      vi.setSystemTime(Date.now() - 3_600_000);
      vi.advanceTimersByTime(apiKeyTrustMs + 1);
      await expect(replica.execute(secretText)).rejects.toMatchObject({ reason: 'UNAUTHENTICATED' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('lists every key once, page by page', async () => {
    const keys = new ManageApiKeys(new ApiKeyStore(test.database));
    for (let count = 0; count < 5; count++) await keys.create(command, someCaller);
    const all = await keys.list({ pageSize: 1000, pageToken: '' });
    const paged: string[] = [];
    let pageToken: string | undefined = '';
    do {
      const page: Awaited<ReturnType<typeof keys.list>> = await keys.list({ pageSize: 2, pageToken });
      paged.push(...page.items.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    expect(paged).toEqual(all.items.map(({ id }) => id));
    await expect(keys.list({ pageSize: 1, pageToken: 'made up' })).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
    });
  });

  it('records what was done, and lets nobody change it', async () => {
    const log = new AuditLog(test.database);
    const details = { face_count: '3' };
    const entry = { actor: 'a', tenant: 't', action: 'subject.delete', target: 'x', details } as const;
    await test.database.transaction(async (sql) => recordAuditEvent(sql, entry));
    const [newest] = await log.list({ limit: 1, after: undefined });
    expect(newest).toMatchObject(entry);
    for (const change of [
      "UPDATE audit_events SET actor = 'b'",
      'DELETE FROM audit_events',
      'TRUNCATE audit_events',
    ]) {
      await expect(test.database.rows(change)).rejects.toThrow(/append-only/u);
    }
    const [older] = await log.list({ limit: 1, after: String(newest!.sequence) });
    expect(older!.sequence).toBeLessThan(newest!.sequence);
  });

  it('finds what was done by a part of its action, target, actor or tenant', async () => {
    const log = new AuditLog(test.database);
    const entry = {
      actor: 'apiKeys/Zoe',
      tenant: 'lab-9',
      action: 'face.delete',
      target: 'odd_100%',
      details: {},
    } as const;
    await test.database.transaction(async (sql) => recordAuditEvent(sql, entry));
    const found = async (sought: string) => (await log.list({ limit: 5, after: undefined }, sought)).length;
    expect(await Promise.all(['zoe', 'LAB-9', 'd_100%', 'face.del'].map(found))).toEqual([1, 1, 1, 1]);
    expect(await Promise.all(['odd-100', '%', 'nobody'].map(found))).toEqual([0, 1, 0]);
  });

  it('records nothing that did not come about', async () => {
    const log = new AuditLog(test.database);
    const before = await log.list({ limit: 1, after: undefined });
    const entry = { actor: 'a', tenant: 't', action: 'subject.delete', target: 'x', details: {} } as const;
    const failing = test.database.transaction(async (sql) => {
      await recordAuditEvent(sql, entry);
      throw new Error('the deletion failed');
    });
    await expect(failing).rejects.toThrow('the deletion failed');
    expect(await log.list({ limit: 1, after: undefined })).toEqual(before);
  });
});
