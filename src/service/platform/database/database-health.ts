import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../../core/failure.js';
import type { Logger } from '../telemetry/logger.js';
import type { Database } from './database.js';

/** How often a lost database is asked whether it is back. */
const askEveryMs = 1_000;
/** What does not answer a scrape within this must not hold up the other figures. */
const scrapeTimeoutMs = 3_000;

interface Probe {
  readonly answers: boolean;
  readonly latencyMs: number;
}

/** Notices when the database is lost and when it is back, and says so in the log, with how long it was away. */
export class DatabaseHealth {
  private lostAtMs: number | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly database: Pick<Database, 'takesChanges' | 'watch'>,
    private readonly logger: Pick<Logger, 'error' | 'info'>,
    private readonly everyMs = askEveryMs,
  ) {
    database.watch((cause) => {
      this.onLost(cause);
    });
  }

  get isLost(): boolean {
    return this.lostAtMs !== undefined;
  }

  /** Asks it now. */
  async probe(): Promise<Probe> {
    const startedAtMs = performance.now();
    const answers = await this.database.takesChanges();
    if (!answers) this.onLost('no-answer');
    return { answers, latencyMs: performance.now() - startedAtMs };
  }

  /**
   * What a metric reads from it, without waiting for long.
   * @throws Failure DATABASE_UNAVAILABLE where it is lost, or does not answer soon; what `read` throws
   */
  async ask<T>(read: () => Promise<T>): Promise<T> {
    if (this.isLost) throw unavailable();
    const reading = read();
    const tooLate = sleep(scrapeTimeoutMs, undefined, { ref: false }).then(() => {
      throw unavailable();
    });
    return Promise.race([reading, tooLate]);
  }

  close(): void {
    this.closing.abort();
  }

  private onLost(cause: string): void {
    if (this.isLost || this.closing.signal.aborted) return;
    this.lostAtMs = performance.now();
    this.logger.error({ cause }, 'the database is lost: calls that need it fail until it is back');
    void this.untilBack(this.lostAtMs);
  }

  private async untilBack(lostAtMs: number): Promise<void> {
    const { signal } = this.closing;
    do {
      await sleep(this.everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
    } while (!(await this.database.takesChanges()));
    this.lostAtMs = undefined;
    const lostForSeconds = Math.round((performance.now() - lostAtMs) / 100) / 10;
    this.logger.info({ lostForSeconds }, 'the database is back');
  }
}

function unavailable(): Failure {
  return new Failure('DATABASE_UNAVAILABLE', 'The database does not answer.');
}
