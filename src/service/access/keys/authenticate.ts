import { timingSafeEqual } from 'node:crypto';
import { apiKeyName, parseApiKeyText } from '../api-key.js';
import type { Caller } from '../caller.js';
import { Failure } from '../../../core/failure.js';
import type { ApiKeyStore, StoredKey } from './api-key.store.js';
import { BadKeys, comesAgainAfterMs } from './bad-keys.js';
import { KeyLookups } from './key-lookups.js';
import { secretHashOf } from './manage-api-keys.js';

/** How long a key that was looked up is trusted without asking again: the time within which a revocation takes effect. */
export const apiKeyTrustMs = 5_000;
/** How many ids without a key are remembered: a flood of made-up ones must not take memory. */
const maximumUnknownIds = 10_000;

/** A key of this service, or one that was just made. */
interface KnownKey {
  readonly stored: StoredKey | undefined;
  readonly trustedUntilMs: number;
}

/** Finds out whose key a client has sent. */
export class Authenticate {
  /** The keys of this service that were sent: they are few. */
  private readonly known = new Map<string, KnownKey>();
  /** The times until which ids are taken for made up without asking again. */
  private readonly unknownUntilMs = new Map<string, number>();
  private readonly lookups: KeyLookups;
  private readonly badKeys: BadKeys;

  constructor(
    keys: Pick<ApiKeyStore, 'findAll'>,
    /** Never the wall clock: where that is stepped back, a revoked key would be trusted until it is right again. */
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.lookups = new KeyLookups(keys);
    this.badKeys = new BadKeys(nowMs);
  }

  /**
   * @param text what the client sent as its key; undefined where it sent none
   * @param address the client's, without its port: one that sends many wrong keys has to wait with further ones
   * @throws Failure UNAUTHENTICATED; OVERLOADED where more are unknown than can be looked up, or come from an address that
   *   has sent many wrong ones; DATABASE_UNAVAILABLE
   */
  async execute(text: string | undefined, address = ''): Promise<Caller> {
    if (text === undefined) {
      throw unauthenticated(
        'This service needs an API key: send the metadata "authorization: Bearer {key}", once.',
      );
    }
    const parsed = parseApiKeyText(text);
    const found = parsed && (await this.find(parsed.id, address));
    if (parsed === undefined || found === undefined || !isSecretOf(found, parsed.secret)) {
      this.badKeys.record(address);
      throw wrongKey();
    }
    const { id, tenant, role, revokeTime, requestsPerSecond, imagesPerDay } = found.key;
    if (revokeTime !== undefined) throw unauthenticated('The API key was revoked. Ask for a new one.');
    return { actor: apiKeyName(id), tenant, role, limits: { requestsPerSecond, imagesPerDay } };
  }

  /** The key was just made or revoked here: it is looked up anew when it is sent next, whoever sends it. */
  changed(id: string): void {
    this.unknownUntilMs.delete(id);
    this.known.set(id, { stored: undefined, trustedUntilMs: 0 });
  }

  private async find(id: string, address: string): Promise<StoredKey | undefined> {
    const known = this.known.get(id);
    if (known !== undefined && known.trustedUntilMs > this.nowMs()) return known.stored;
    if ((this.unknownUntilMs.get(id) ?? 0) > this.nowMs()) return undefined;
    if (known === undefined && !this.badKeys.letsLookUp(id, address)) throw tooManyWrongKeys();
    const stored = await this.lookups.find(id, known !== undefined);
    const untilMs = this.nowMs() + apiKeyTrustMs;
    if (stored === undefined) this.remember(id, untilMs);
    else this.known.set(id, { stored, trustedUntilMs: untilMs });
    return stored;
  }

  private remember(unknownId: string, untilMs: number): void {
    this.known.delete(unknownId);
    if (this.unknownUntilMs.size >= maximumUnknownIds) this.unknownUntilMs.clear();
    this.unknownUntilMs.set(unknownId, untilMs);
  }
}

function isSecretOf({ secretHash }: StoredKey, secret: string): boolean {
  return timingSafeEqual(secretHashOf(secret), secretHash);
}

function wrongKey(): Failure {
  return unauthenticated('The API key is not one of this service. Check that it was copied whole.');
}

function tooManyWrongKeys(): Failure {
  const seconds = String(comesAgainAfterMs / 1000);
  return new Failure(
    'OVERLOADED',
    `Too many wrong API keys come from this network to look at every new one. Send this one again after ${seconds} s.`,
    { retry_after_seconds: seconds },
  );
}

function unauthenticated(message: string): Failure {
  return new Failure('UNAUTHENTICATED', message);
}
