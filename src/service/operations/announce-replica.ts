import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplicaStore, Replica } from './replica.store.js';

const announceEveryMs = 3_000;
/** Rows of processes that were killed are few, and are shown to nobody: they need not go at once. */
const announcementsBetweenForgetting = 100;

/** Says again and again that this process is there and what it serves, until it is closed. */
export class AnnounceReplica {
  private readonly closing = new AbortController();
  private announcing: Promise<void> | undefined;

  /** @param current this process as it is now */
  constructor(
    private readonly store: Pick<ReplicaStore, 'announce' | 'forgetGone' | 'remove'>,
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
    for (let count = 0; !signal.aborted; count++) {
      await this.store.announce(this.current(), process.uptime()).catch(() => undefined);
      if (count % announcementsBetweenForgetting === 0) await this.store.forgetGone().catch(() => undefined);
      await sleep(announceEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
