/**
 * A bucket that is filled with a token at a time, so many a second, and holds those of one second: as many requests may come
 * at once, and on the average no more than that a second.
 */
export class TokenBucket {
  private tokens: number;
  private filledMs: number;

  /** @param nowMs any clock that does not step back */
  constructor(
    private readonly perSecond: number,
    nowMs: number,
  ) {
    this.tokens = perSecond;
    this.filledMs = nowMs;
  }

  /** Takes a token where there is one. @returns 0, or the milliseconds until there is */
  take(nowMs: number): number {
    const filled = this.tokens + ((nowMs - this.filledMs) * this.perSecond) / 1000;
    this.tokens = Math.min(this.perSecond, filled);
    this.filledMs = nowMs;
    if (this.tokens < 1) return ((1 - this.tokens) * 1000) / this.perSecond;
    this.tokens--;
    return 0;
  }
}
