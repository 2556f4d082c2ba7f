import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplicaStore, Replica } from './replica.store.js';

const announceEveryMs = 3_000;

/** Says again and again that this process is there and what it serves, until it is closed. */
export class AnnounceReplica {
  private readonly closing = new AbortController();
  private announcing: Promise<void> | undefined;

  /** @param current this process as it is now */
  constructor(
    private readonly store: Pick<ReplicaStore, 'announce' | 'remove'>,
    private readonly current: () => Replica,
  ) {}

  start(): void {
    this.announcing ??= this.announceUntilClosed();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.announcing;
    // Where the database is gone, the others will notice by themselves.
    await this.store.remove(this.current().id).catch(() => undefined);
  }

  private async announceUntilClosed(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      await this.store.announce(this.current()).catch(() => undefined);
      await sleep(announceEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
