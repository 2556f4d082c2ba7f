import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../../core/failure.js';
import type { ApiKeyStore, StoredKey } from './api-key.store.js';

/** How often the database is asked at most, for as many keys as came in meanwhile. */
const everyMs = 20;
/** How many wait for the next time; ids are 8 bytes, and who sends more in 20 ms has made them up. */
const maximumWaiting = 1_000;

/** Looks keys up together: a thousand made-up keys a second cost the database no more than fifty small queries. */
export class KeyLookups {
  private waiting = new Set<string>();
  private next: Promise<ReadonlyMap<string, StoredKey>> | undefined;
  /** The time before which the database is not asked again. */
  private restsUntilMs = 0;
  private asking: Promise<unknown> = Promise.resolve();

  constructor(private readonly keys: Pick<ApiKeyStore, 'findAll'>) {}

  /**
   * @param isOurs whether the key was found before: made-up ones never crowd it out
   * @throws Failure OVERLOADED where too many unknown ones wait, DATABASE_UNAVAILABLE
   */
  async find(id: string, isOurs: boolean): Promise<StoredKey | undefined> {
    if (!isOurs && !this.waiting.has(id) && this.waiting.size >= maximumWaiting) {
      throw new Failure('OVERLOADED', 'Too many unknown API keys are sent at a time. Try again in a moment.');
    }
    this.waiting.add(id);
    this.next ??= this.askNext();
    return (await this.next).get(id);
  }

  private async askNext(): Promise<ReadonlyMap<string, StoredKey>> {
    await this.asking;
    const restMs = this.restsUntilMs - performance.now();
    if (restMs > 0) await sleep(restMs);
    const ids = [...this.waiting];
    this.waiting = new Set();
    this.next = undefined;
    this.restsUntilMs = performance.now() + everyMs;
    const found = this.keys.findAll(ids);
    this.asking = found.catch(() => undefined);
    return found;
  }
}
