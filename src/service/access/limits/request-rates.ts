import { rateLimited } from './rate-limited.js';
import { TokenBucket } from './token-bucket.js';

/** Counts requests a second of each key that has such a limit, in this process alone. */
export class RequestRates {
  /** By key; keys of this service are few. */
  private readonly buckets = new Map<string, { readonly perSecond: number; readonly bucket: TokenBucket }>();

  /** @param nowMs never the wall clock, which may step back */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** @throws Failure RATE_LIMITED where the key has made as many requests as it may */
  take(key: string, perSecond: number): void {
    let known = this.buckets.get(key);
    if (known?.perSecond !== perSecond) {
      known = { perSecond, bucket: new TokenBucket(perSecond, this.nowMs()) };
      this.buckets.set(key, known);
    }
    const waitMs = known.bucket.take(this.nowMs());
    if (waitMs === 0) return;
    throw rateLimited(
      `This API key may make ${perSecond} requests a second on each replica. Spread them.`,
      { limit: 'requests_per_second', maximum: String(perSecond) },
      waitMs,
    );
  }
}
