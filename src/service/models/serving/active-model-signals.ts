import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ActiveModelSignals } from './follow-active-models.js';
import { activeModelsChannel } from './active-model.store.js';

const reconnectAfterMs = 5_000;

/** No signals, for an embedded database: only this process uses it, and who changes a model there says so itself. */
export const noSignals: ActiveModelSignals = { listen: () => ({ close: () => Promise.resolve() }) };

/** The signals of PostgreSQL (NOTIFY), on a connection of their own, which is made again whenever it is lost. */
export class PostgresActiveModelSignals implements ActiveModelSignals {
  constructor(private readonly databaseUrl: string) {}

  listen(onChange: () => void): { close(): Promise<void> } {
    const closing = new AbortController();
    const listening = this.listenUntilClosed(onChange, closing.signal);
    return {
      close: async () => {
        closing.abort();
        await listening;
      },
    };
  }

  private async listenUntilClosed(onChange: () => void, closing: AbortSignal): Promise<void> {
    while (!closing.aborted) {
      // Without the connection changes are seen later: no reason to disturb anybody.
      await this.listenOnce(onChange, closing).catch(() => undefined);
      await sleep(reconnectAfterMs, undefined, { signal: closing }).catch(() => undefined);
    }
  }

  private async listenOnce(onChange: () => void, closing: AbortSignal): Promise<void> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    const ended = Promise.race([once(client, 'end'), once(client, 'error'), once(closing, 'abort')]);
    try {
      await client.connect();
      client.on('notification', onChange);
      await client.query(`LISTEN ${activeModelsChannel}`);
      await ended;
    } finally {
      ended.catch(() => undefined);
      client.on('error', () => undefined);
      await client.end();
    }
  }
}
