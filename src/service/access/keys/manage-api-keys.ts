import { invalidField } from '../../../core/invalid-field.js';
import { createHash, randomBytes } from 'node:crypto';
import { type ApiKey, apiKeyText, parseApiKeyName } from '../api-key.js';
import type { KeyLimits } from '../key-limits.js';
import { type Caller, defaultTenant, type Role } from '../caller.js';
import { requireTenant } from '../../platform/resource-names.js';
import { type ApiKeyStore, apiKeyOrderKey } from './api-key.store.js';
import { type Page, type PageRequest, readPage, timeAndApiKeyIdKey } from '../../platform/page.js';

export interface CreateApiKeyCommand extends Partial<KeyLimits> {
  /** The tenant that the key belongs to; the default one where empty. */
  readonly tenant: string;
  readonly role: Role;
  readonly displayName: string;
}

/** The SHA-256 of a key's secret part, 32 bytes. */
export function secretHashOf(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

/** Manages the keys of every tenant, for administrators. */
export class ManageApiKeys {
  constructor(
    private readonly keys: ApiKeyStore,
    /** Told of each key that was made or revoked, so that it is in force here at once. */
    private readonly callers: { changed(id: string): void } = { changed: () => undefined },
  ) {}

  /** @returns the key, and the text that clients send, which is kept nowhere. @throws Failure INVALID_ARGUMENT */
  async create(
    command: CreateApiKeyCommand,
    caller: Caller,
  ): Promise<{ readonly key: ApiKey; readonly secretText: string }> {
    const tenant = command.tenant === '' ? defaultTenant : requireTenant(command.tenant, 'tenant');
    const id = randomBytes(8).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    const key = await this.keys.create(
      { requestsPerSecond: 0, imagesPerDay: 0, ...command, id, tenant, secretHash: secretHashOf(secret) },
      caller,
    );
    this.callers.changed(id);
    return { key, secretText: apiKeyText(id, secret) };
  }

  /** @throws Failure INVALID_ARGUMENT */
  async list(request: PageRequest): Promise<Page<ApiKey>> {
    return readPage(
      'API keys',
      request,
      (query) => this.keys.list(query),
      apiKeyOrderKey,
      timeAndApiKeyIdKey,
    );
  }

  /** Changes the limits that are given. @throws Failure INVALID_ARGUMENT, API_KEY_NOT_FOUND */
  async limit(name: string, limits: Partial<KeyLimits>, caller: Caller): Promise<ApiKey> {
    const id = idOf(name);
    const limited = await this.keys.limit(id, limits, caller);
    this.callers.changed(id);
    return limited;
  }

  /** @throws Failure INVALID_ARGUMENT, API_KEY_NOT_FOUND */
  async revoke(name: string, caller: Caller): Promise<ApiKey> {
    const id = idOf(name);
    const revoked = await this.keys.revoke(id, caller);
    this.callers.changed(id);
    return revoked;
  }
}

function idOf(name: string): string {
  const id = parseApiKeyName(name);
  if (id !== undefined) return id;
  throw invalidField('name', 'must be "apiKeys/{id}"');
}
