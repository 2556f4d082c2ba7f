import { invalidField } from '../../core/invalid-field.js';

/** One page of a list (AIP-158). */
export interface Page<T> {
  readonly items: readonly T[];
  /** The token that the next page is asked for with; undefined on the last page. */
  readonly nextPageToken: string | undefined;
}

/** What a client asks of a list. */
export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

/** What a store is asked for: up to `limit` items whose keys come after `after`. */
export interface PageQuery {
  readonly limit: number;
  readonly after: string | undefined;
}

/** Whether a text may be a key of the list: a token is the client's to make up. */
export type PageKeyPredicate = (key: string) => boolean;

/** Whether a text may be an id. */
export const idKey: PageKeyPredicate = (key) => /^[\w.~@+-]{1,200}$/u.test(key);

/** Whether a text may be a UUID. */
export const uuidKey: PageKeyPredicate = (key) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u.test(key);

/** Whether a text may be a sequence number. */
export const sequenceKey: PageKeyPredicate = (key) => /^\d{1,18}$/u.test(key);

/** Whether a text may be a time to the millisecond with a UUID. */
export const timeAndUuidKey: PageKeyPredicate = (key) =>
  isTimeAnd(key, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);

/** Whether a text may be a time to the millisecond with the id of an API key. */
export const timeAndApiKeyIdKey: PageKeyPredicate = (key) => isTimeAnd(key, /^[0-9a-f]{16}$/u);

/** Years outside of 0001 to 9999 are written in a way of JavaScript's own, or are none to a database. */
function isTimeAnd(key: string, idPattern: RegExp): boolean {
  const [time = '', id = '', ...more] = key.split(' ');
  if (more.length > 0 || !idPattern.test(id) || !/^(?!0000)\d{4}-/u.test(time)) return false;
  const date = new Date(time);
  return !Number.isNaN(date.getTime()) && date.toISOString() === time;
}

const defaultPageSize = 50;
const maximumPageSize = 1000;

/**
 * Reads one page of a list from a store that is asked for one item more, to know whether there is another page.
 * @param list what is listed and of what; a token of another list is refused
 * @param keyOf the key that the store's order goes by
 * @throws Failure INVALID_ARGUMENT for a negative size or a token that this list did not give
 */
export async function readPage<T>(
  list: string,
  request: PageRequest,
  read: (query: PageQuery) => Promise<readonly T[]>,
  keyOf: (item: T) => string,
  isKey: PageKeyPredicate,
): Promise<Page<T>> {
  if (request.pageSize < 0) throw invalidField('page_size', 'must not be negative');
  const size = Math.min(request.pageSize === 0 ? defaultPageSize : request.pageSize, maximumPageSize);
  const after = request.pageToken === '' ? undefined : keyIn(request.pageToken, list, isKey);
  const found = await read({ limit: size + 1, after });
  const items = found.slice(0, size);
  const last = items.at(-1);
  const hasMore = found.length > size && last !== undefined;
  return { items, nextPageToken: hasMore ? tokenOf(list, keyOf(last)) : undefined };
}

function tokenOf(list: string, key: string): string {
  return Buffer.from(JSON.stringify([list, key])).toString('base64url');
}

function keyIn(token: string, list: string, isKey: PageKeyPredicate): string {
  try {
    const content: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (Array.isArray(content) && content[0] === list) {
      const key: unknown = content[1];
      if (typeof key === 'string' && isKey(key)) return key;
    }
  } catch {
    // Not one of ours; reported below.
  }
  throw invalidField('page_token', 'is not a token of this list; begin again without one');
}
