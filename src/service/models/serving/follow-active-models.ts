import { setTimeout as sleep } from 'node:timers/promises';
import type { ActiveModelStore } from './active-model.store.js';
import type { RegisteredModels } from '../registry/registered-models.js';
import { isDatabaseDown } from '../../platform/database/is-database-down.js';
import type { ModelChanges } from './retry-after-model-change.js';
import type { ServeActiveModels } from './serve-active-models.js';

/** Tells that a model was changed, perhaps by another replica. It may miss changes: they are looked for besides. */
export interface ActiveModelSignals {
  listen(onChange: () => void): { close(): Promise<void> };
}

interface FollowParts {
  readonly active: Pick<ActiveModelStore, 'active'>;
  readonly serve: Pick<ServeActiveModels, 'execute'>;
  readonly registry: Pick<RegisteredModels, 'deletedIds'>;
  readonly signals: ActiveModelSignals;
  /** Is told when this process cannot serve the active models, once each time that they, or the reason, change. */
  readonly onFailure: (error: unknown) => void;
  readonly lookEveryMs?: number;
}

const defaultLookEveryMs = 2_000;
/**
 * How many looks are left out after a failure: loading takes a second of a core, and the reason seldom passes by
 * itself.
 */
const looksBetweenRetries = 15;

/** Goes over to the active models whenever they change. Where they cannot be loaded, the old ones go on serving. */
export class FollowActiveModels implements ModelChanges {
  private readonly closing = new AbortController();
  private rest = new AbortController();
  private following: Promise<void> | undefined;
  private seen = '';
  private reported = '';
  private looksUntilRetry = 0;

  constructor(private readonly parts: FollowParts) {}

  start(): void {
    this.following ??= this.followUntilClosed();
  }

  /** Looks for changes now, since a model was just changed. */
  look(): void {
    this.rest.abort();
  }

  /** @throws what {@link ServeActiveModels.execute} throws */
  async catchUp(): Promise<string> {
    const { backbone } = await this.parts.serve.execute();
    return backbone.version.id;
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.look();
    await this.following;
  }

  private async followUntilClosed(): Promise<void> {
    const listening = this.parts.signals.listen(() => {
      this.look();
    });
    while (!this.closing.signal.aborted) {
      this.rest = new AbortController();
      await this.follow();
      const lookEveryMs = this.parts.lookEveryMs ?? defaultLookEveryMs;
      await sleep(lookEveryMs, undefined, { signal: this.rest.signal }).catch(() => undefined);
    }
    await listening.close();
  }

  /**
   * What tells states apart in which this process has something to do: to serve others, or to let go of deleted ones.
   */
  private async modelState(): Promise<string> {
    const { active, registry } = this.parts;
    const kinds = await Promise.all([active.active('backbone'), active.active('detector')]);
    return [...kinds.map((model) => model?.id ?? ''), ...(await registry.deletedIds())].join(' ');
  }

  private async follow(): Promise<void> {
    try {
      const now = await this.modelState();
      if (now === this.seen && --this.looksUntilRetry !== 0) return;
      this.seen = now;
      this.looksUntilRetry = 0;
      await this.parts.serve.execute();
      this.reported = '';
    } catch (error) {
      this.looksUntilRetry = isDatabaseDown(error) ? 1 : looksBetweenRetries;
      const report = `${this.seen} ${String(error)}`;
      if (report !== this.reported && !this.closing.signal.aborted) this.parts.onFailure(error);
      this.reported = report;
    }
  }
}
