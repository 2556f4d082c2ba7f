/** How many wrong keys an address may send before it has to wait. */
const allowed = 20;
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;
/** After so long without a wrong key an address begins anew. */
const forgottenAfterMs = 2 * longestWaitMs;
const maximumAddresses = 10_000;

interface Sender {
  failures: number;
  lastMs: number;
  waitsUntilMs: number;
}

/**
 * Addresses that send wrong keys, and how long they have to wait: a second after the twentieth, and twice as long after
 * each further one, up to a minute.
 */
export class BadKeys {
  private readonly senders = new Map<string, Sender>();

  constructor(private readonly nowMs: () => number) {}

  /** How long the address has to wait before its next unknown key is looked at. */
  waitMs(address: string): number {
    return Math.max(0, (this.senders.get(address)?.waitsUntilMs ?? 0) - this.nowMs());
  }

  /** Notes a wrong key of the address. Those that came beside one another count for one wait. */
  record(address: string): void {
    const now = this.nowMs();
    const former = this.senders.get(address);
    const sender =
      former === undefined || now - former.lastMs > forgottenAfterMs
        ? { failures: 0, lastMs: now, waitsUntilMs: 0 }
        : former;
    if (now < sender.waitsUntilMs) return;
    sender.failures++;
    sender.lastMs = now;
    const beyond = sender.failures - allowed;
    if (beyond >= 0) sender.waitsUntilMs = now + Math.min(longestWaitMs, firstWaitMs * 2 ** beyond);
    // The newest are at the end: the first one is the one that has been quiet for longest.
    this.senders.delete(address);
    this.senders.set(address, sender);
    const [oldest] = this.senders.keys();
    if (this.senders.size > maximumAddresses && oldest !== undefined) this.senders.delete(oldest);
  }
}
