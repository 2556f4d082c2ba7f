import type { CallOrigin } from '../../platform/grpc/call-origin.js';
import type { Caller } from '../caller.js';
import { parseApiKeyName } from '../api-key.js';
import type { ImageQuotas } from './image-quotas.js';
import type { RequestRates } from './request-rates.js';

/** Holds callers to what their keys allow. */
export class CallLimits {
  constructor(
    private readonly rates: RequestRates,
    private readonly quotas: ImageQuotas,
  ) {}

  /**
   * Counts a call.
   * @returns what counts what else the call does: further requests of a stream, and images
   * @throws Failure RATE_LIMITED, DATABASE_UNAVAILABLE
   */
  async admit({ actor, limits }: Caller): Promise<Pick<CallOrigin, 'images' | 'nextRequest'>> {
    const { requestsPerSecond = 0, imagesPerDay = 0 } = limits ?? {};
    const key = parseApiKeyName(actor) ?? actor;
    const nextRequest = (): void => {
      if (requestsPerSecond > 0) this.rates.take(key, requestsPerSecond);
    };
    nextRequest();
    if (imagesPerDay === 0) return { nextRequest };
    await this.quotas.know(key);
    let day: string | undefined;
    return {
      nextRequest,
      images: {
        take: (count) => {
          day = this.quotas.take(key, imagesPerDay, count);
        },
        giveBack: (count) => {
          if (day !== undefined) this.quotas.giveBack(key, count, day);
        },
      },
    };
  }
}
