import { networkOf } from './network-of.js';

/** How many wrong keys a network may send before it has to wait. */
const allowed = 20;
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;
/** After so long without a wrong key a network begins anew. */
const forgottenAfterMs = 2 * longestWaitMs;
/** A key that was not looked at is, where it comes again after so long, as whoever has one is told. */
export const comesAgainAfterMs = 1_000;
const maximumNetworks = 10_000;
const maximumPutOff = 10_000;

interface Sender {
  failures: number;
  lastMs: number;
  waitsUntilMs: number;
}

/**
 * Networks that send wrong keys, and how long they have to wait with new ones: a second after the twentieth, and twice as long
 * after each further one, up to a minute. Whoever has a key there and waits as told gets in: made-up keys are new ones
 * each time, and one that comes again is looked at.
 */
export class BadKeys {
  private readonly senders = new Map<string, Sender>();
  /** Ids that were not looked at, and when they came first. */
  private readonly putOff = new Map<string, number>();

  constructor(private readonly nowMs: () => number) {}

  /** Whether a key that is not known here may be looked up now. */
  letsLookUp(id: string, address: string): boolean {
    const now = this.nowMs();
    if ((this.senders.get(networkOf(address))?.waitsUntilMs ?? 0) <= now) return true;
    const firstMs = this.putOff.get(id);
    if (firstMs === undefined) {
      addNewest(this.putOff, id, now, maximumPutOff);
      return false;
    }
    if (now - firstMs < comesAgainAfterMs) return false;
    this.putOff.delete(id);
    return true;
  }

  /** Notes a wrong key of the address. Those that came beside one another count for one wait. */
  record(address: string): void {
    const now = this.nowMs();
    const network = networkOf(address);
    const former = this.senders.get(network);
    const sender =
      former === undefined || now - former.lastMs > forgottenAfterMs
        ? { failures: 0, lastMs: now, waitsUntilMs: 0 }
        : former;
    if (now < sender.waitsUntilMs) return;
    sender.failures++;
    sender.lastMs = now;
    const beyond = sender.failures - allowed;
    if (beyond >= 0) sender.waitsUntilMs = now + Math.min(longestWaitMs, firstWaitMs * 2 ** beyond);
    addNewest(this.senders, network, sender, maximumNetworks);
  }
}

/** Adds at the end, and removes the oldest where there are too many: a flood must not take memory. */
function addNewest<T>(entries: Map<string, T>, name: string, value: T, maximum: number): void {
  entries.delete(name);
  entries.set(name, value);
  const [oldest] = entries.keys();
  if (entries.size > maximum && oldest !== undefined) entries.delete(oldest);
}
