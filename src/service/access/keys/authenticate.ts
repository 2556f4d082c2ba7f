import { timingSafeEqual } from 'node:crypto';
import { apiKeyName, parseApiKeyText } from '../api-key.js';
import type { Caller } from '../caller.js';
import { Failure } from '../../../core/failure.js';
import type { ApiKeyStore } from './api-key.store.js';
import { secretHashOf } from './manage-api-keys.js';

/** How long a key that was looked up is trusted without asking again: the time within which a revocation takes effect. */
export const apiKeyTrustMs = 5_000;
/** How many keys are remembered: keys are few, and a flood of made-up ids must not take memory. */
const maximumCachedKeys = 10_000;

interface CachedKey {
  readonly found: Awaited<ReturnType<ApiKeyStore['find']>>;
  readonly trustedUntilMs: number;
}

/** Finds out whose key a client has sent. */
export class Authenticate {
  private readonly cache = new Map<string, CachedKey>();

  constructor(
    private readonly keys: ApiKeyStore,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /**
   * @param text what the client sent as its key; undefined where it sent none
   * @throws Failure UNAUTHENTICATED
   */
  async execute(text: string | undefined): Promise<Caller> {
    if (text === undefined) {
      throw unauthenticated(
        'This service needs an API key: send the metadata "authorization: Bearer {key}".',
      );
    }
    const parsed = parseApiKeyText(text);
    const found = parsed && (await this.find(parsed.id));
    if (parsed === undefined || found === undefined) throw wrongKey();
    if (!timingSafeEqual(secretHashOf(parsed.secret), found.secretHash)) throw wrongKey();
    const { id, tenant, role, revokeTime } = found.key;
    if (revokeTime !== undefined) throw unauthenticated('The API key was revoked. Ask for a new one.');
    return { actor: apiKeyName(id), tenant, role };
  }

  private async find(id: string): Promise<CachedKey['found']> {
    const cached = this.cache.get(id);
    if (cached !== undefined && cached.trustedUntilMs > this.nowMs()) return cached.found;
    const found = await this.keys.find(id);
    if (this.cache.size >= maximumCachedKeys) this.cache.clear();
    this.cache.set(id, { found, trustedUntilMs: this.nowMs() + apiKeyTrustMs });
    return found;
  }
}

function wrongKey(): Failure {
  return unauthenticated('The API key is not one of this service. Check that it was copied whole.');
}

function unauthenticated(message: string): Failure {
  return new Failure('UNAUTHENTICATED', message);
}
