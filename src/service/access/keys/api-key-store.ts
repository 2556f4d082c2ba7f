import type { ApiKey } from '../api-key.js';
import type { Caller } from '../caller.js';
import type { PageQuery } from '../../platform/page.js';

export interface NewApiKey {
  readonly id: string;
  readonly tenant: string;
  readonly role: ApiKey['role'];
  readonly displayName: string;
  /** The SHA-256 of the secret, which has 256 random bits, so that no slow hash is needed. */
  readonly secretHash: Uint8Array;
}

/** Keeps API keys durably; their creation and revocation are recorded in the audit log. */
export interface ApiKeyStore {
  create(key: NewApiKey, caller: Caller): Promise<ApiKey>;
  /** Finds the key with its hash; the answer is undefined where there is none. */
  find(id: string): Promise<{ readonly key: ApiKey; readonly secretHash: Uint8Array } | undefined>;
  /** Lists the oldest keys first; the page key is the creation time and the id. */
  list(query: PageQuery): Promise<readonly ApiKey[]>;
  /** Revokes the key; revoking it twice changes nothing. @throws Failure API_KEY_NOT_FOUND */
  revoke(id: string, caller: Caller): Promise<ApiKey>;
}

/** The key that {@link ApiKeyStore.list} orders by. */
export function apiKeyOrderKey({ createTime, id }: Pick<ApiKey, 'createTime' | 'id'>): string {
  return `${createTime.toISOString()} ${id}`;
}
