import { describe, expect, it } from 'vitest';
import { idKey, readPage, sequenceKey, timeAndApiKeyIdKey, timeAndUuidKey } from './page.js';

const items = Array.from({ length: 7 }, (_, index) => `item-${index}`);

const read = async (pageSize: number, pageToken = '', list = 'items') =>
  readPage(
    list,
    { pageSize, pageToken },
    ({ limit, after }) => {
      const start = after === undefined ? 0 : items.indexOf(after) + 1;
      return Promise.resolve(items.slice(start, start + limit));
    },
    (item) => item,
    idKey,
  );

const token = (...content: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(content)).toString('base64url');

describe('readPage', () => {
  it('gives every item once, and no token with the last', async () => {
    const seen: string[] = [];
    let pageToken: string | undefined = '';
    do {
      const page: Awaited<ReturnType<typeof read>> = await read(3, pageToken);
      seen.push(...page.items);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    expect(seen).toEqual(items);
    expect((await read(7)).nextPageToken).toBeUndefined();
  });

  it('takes 0 for its own choice', async () => {
    expect((await read(0)).items).toEqual(items);
  });

  it.each([
    { name: 'no token', pageToken: 'made up' },
    { name: 'the token of another list', pageToken: token('others', 'item-1') },
    { name: 'a key that is no id', pageToken: token('items', 'item\u0000') },
    { name: 'a key that is no text', pageToken: token('items', 1) },
  ])('refuses $name', async ({ pageToken }) => {
    await expect(read(3, pageToken)).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      fieldViolations: [{ field: 'page_token' }],
    });
  });

  it('refuses a negative size', async () => {
    await expect(read(-1)).rejects.toMatchObject({ fieldViolations: [{ field: 'page_size' }] });
  });
});

describe('key patterns', () => {
  it('take the keys of their lists, and nothing that a database would stumble over', () => {
    const id = '0b6e7f1c-9f61-4a8e-8a9c-0d5b6f3f9a11';
    const [now, keyId] = [new Date().toISOString(), '0123456789abcdef'];
    expect(timeAndUuidKey(`${now} ${id}`)).toBe(true);
    expect(timeAndUuidKey(`0001-01-01T00:00:00.000Z ${id}`)).toBe(true);
    expect(timeAndApiKeyIdKey(`${now} ${keyId}`)).toBe(true);
    expect(timeAndApiKeyIdKey(`${now} ${id}`)).toBe(false);
    for (const key of [
      // PostgreSQL casts it to a UUID.
      `${now} ${keyId}`,
      `${now} ${id} ${id}`,
      // Times of JavaScript that no PostgreSQL reads.
      `-271821-04-20T00:00:00.000Z ${id}`,
      `+275760-09-13T00:00:00.000Z ${id}`,
      `0000-01-01T00:00:00.000Z ${id}`,
      `2026-02-31T00:00:00.000Z ${id}`,
      `yesterday ${id}`,
      `2026-02-03T00:00:00.000Z 1`,
      id,
    ]) {
      expect(timeAndUuidKey(key), key).toBe(false);
    }
    expect(sequenceKey('12345')).toBe(true);
    expect(sequenceKey('1'.repeat(19))).toBe(false);
    expect(idKey("x'; DROP TABLE faces")).toBe(false);
  });
});
