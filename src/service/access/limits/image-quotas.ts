import type { KeyUsage, KeyUsageStore } from './key-usage.store.js';
import { rateLimited } from './rate-limited.js';

const dayMs = 86_400_000;
/** How often what was counted here is added to what all replicas counted. */
const defaultEveryMs = 1_000;

/** What is known of one key's images of one day. */
interface Count {
  readonly keyId: string;
  readonly day: string;
  /** Of all replicas, as of the last time that they were added up. */
  stored: number;
  /** Counted here since. */
  pending: number;
}

/**
 * Counts the images a day (of UTC) of each key that has such a limit. Replicas add up what they counted once a second, so that
 * together they let through no more than what comes in about a second beyond the limit; a process that is killed loses as much.
 */
export class ImageQuotas {
  private readonly counts = new Map<string, Count>();
  private readonly loading = new Map<string, Promise<unknown>>();
  private timer: NodeJS.Timeout | undefined;
  private adding: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Pick<KeyUsageStore, 'add'>,
    private readonly now: () => Date = () => new Date(),
    private readonly everyMs = defaultEveryMs,
  ) {}

  /** Learns what the key has had today, the first time that it comes. @throws Failure DATABASE_UNAVAILABLE */
  async know(keyId: string): Promise<void> {
    const day = this.today();
    const name = `${day} ${keyId}`;
    if (this.counts.has(name)) return;
    const loading =
      this.loading.get(name) ??
      this.store.add([{ keyId, day, images: 0 }]).then(([sum]) => {
        this.countOf(keyId, day).stored = sum?.images ?? 0;
      });
    this.loading.set(name, loading);
    await loading.finally(() => this.loading.delete(name));
  }

  /** @returns the day that they count for @throws Failure RATE_LIMITED where the key may not have so many more today */
  take(keyId: string, perDay: number, images: number): string {
    const day = this.today();
    const count = this.countOf(keyId, day);
    const left = perDay - count.stored - count.pending;
    if (images > left) {
      throw rateLimited(
        `This API key may have ${perDay} images looked at a day. Left until midnight (UTC): ${Math.max(0, left)}.`,
        { limit: 'images_per_day', maximum: String(perDay), left: String(Math.max(0, left)) },
        dayMs - (this.now().getTime() % dayMs),
      );
    }
    count.pending += images;
    this.addSoon();
    return day;
  }

  /** Counts images no longer that were not looked at. @param day that they were counted for, which may be over */
  giveBack(keyId: string, images: number, day: string): void {
    this.countOf(keyId, day).pending -= images;
    this.addSoon();
  }

  /** Adds what was counted here, now. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.add().catch(() => undefined);
  }

  private today(): string {
    return this.now().toISOString().slice(0, 10);
  }

  private countOf(keyId: string, day: string): Count {
    const name = `${day} ${keyId}`;
    const count = this.counts.get(name) ?? { keyId, day, stored: 0, pending: 0 };
    this.counts.set(name, count);
    return count;
  }

  private addSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      // Where the database is away, it is tried again with the next.
      this.add().catch(() => {
        this.addSoon();
      });
    }, this.everyMs).unref();
  }

  private async add(): Promise<void> {
    const added = this.adding.then(async () => this.addAll());
    this.adding = added.catch(() => undefined);
    await added;
  }

  private async addAll(): Promise<void> {
    const today = this.today();
    const usages: KeyUsage[] = [];
    for (const [name, { keyId, day, pending }] of this.counts) {
      if (pending !== 0) usages.push({ keyId, day, images: pending });
      else if (day < today) this.counts.delete(name);
    }
    if (usages.length === 0) return;
    const sums = await this.store.add(usages);
    for (const { keyId, day, images } of usages) this.countOf(keyId, day).pending -= images;
    for (const { keyId, day, images } of sums) this.countOf(keyId, day).stored = images;
  }
}
