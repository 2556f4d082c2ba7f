/** Items that came together and are dispatched in order, for example the images of one call. */
interface Lane<T> {
  readonly items: T[];
}

/**
 * A bounded queue that takes one item of each call in turn, so that a call with many images does not hold up
 * the calls with one.
 */
export class FairQueue<T> {
  private readonly lanes: Lane<T>[] = [];
  private size = 0;

  constructor(private readonly capacity: number) {}

  get length(): number {
    return this.size;
  }

  /**
   * Adds the items of one call, all or none. A call with more items than the capacity is taken only when
   * nothing waits: else it could never run.
   * @returns whether they were added
   */
  offer(items: readonly T[]): boolean {
    if (this.size > 0 && this.size + items.length > this.capacity) return false;
    if (items.length === 0) return true;
    this.lanes.push({ items: [...items] });
    this.size += items.length;
    return true;
  }

  /** Puts an item before all others, beyond the capacity if need be: it was accepted before. */
  putBack(item: T): void {
    this.lanes.unshift({ items: [item] });
    this.size++;
  }

  /** The next item; undefined where nothing waits. */
  take(): T | undefined {
    const lane = this.lanes.shift();
    if (lane === undefined) return undefined;
    const item = lane.items.shift();
    if (lane.items.length > 0) this.lanes.push(lane);
    this.size--;
    return item;
  }

  /** Removes and returns every waiting item that matches. */
  removeWhere(matches: (item: T) => boolean): T[] {
    const removed: T[] = [];
    for (const lane of this.lanes) {
      const kept = lane.items.filter((item) => !matches(item));
      removed.push(...lane.items.filter(matches));
      lane.items.splice(0, lane.items.length, ...kept);
    }
    const filled = this.lanes.filter((lane) => lane.items.length > 0);
    this.lanes.splice(0, this.lanes.length, ...filled);
    this.size -= removed.length;
    return removed;
  }
}
