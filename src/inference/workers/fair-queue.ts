/** Places that one call takes at most, however many images it has: the more it has, the longer it is on its way. */
const defaultPlacesPerCall = 8;

/**
 * Those that take turns: tenants, the connections of one tenant, the calls of one connection. A call has items, the others
 * have members.
 */
class Share<T> {
  readonly items: T[] = [];
  private readonly members = new Map<string, Share<T>>();

  member(name: string | undefined): Share<T> | undefined {
    return name === undefined ? undefined : this.members.get(name);
  }

  /** The share at the end of the path, which is made where it is not there. */
  at([name, ...rest]: readonly string[]): Share<T> {
    if (name === undefined) return this;
    const member = this.members.get(name) ?? new Share<T>();
    this.members.set(name, member);
    return member.at(rest);
  }

  places(perCall: number): number {
    let places = Math.min(this.items.length, perCall);
    for (const member of this.members.values()) places += member.places(perCall);
    return places;
  }

  /** The next item: of the member whose turn it is, which is behind the others then. */
  take(): T | undefined {
    const [first] = this.members;
    if (first === undefined) return this.items.shift();
    const [name, member] = first;
    const item = member.take();
    this.members.delete(name);
    if (!member.isEmpty) this.members.set(name, member);
    return item;
  }

  removeWhere(matches: (item: T) => boolean): T[] {
    const removed = this.items.filter(matches);
    if (removed.length > 0) {
      this.items.splice(0, this.items.length, ...this.items.filter((item) => !removed.includes(item)));
    }
    for (const [name, member] of this.members) {
      removed.push(...member.removeWhere(matches));
      if (member.isEmpty) this.members.delete(name);
    }
    return removed;
  }

  private get isEmpty(): boolean {
    return this.items.length === 0 && this.members.size === 0;
  }
}

/**
 * A bounded queue whose items are taken in turns: between tenants first, then between the connections of a tenant, then between
 * the calls of a connection. So neither a call with many images holds up those with one, nor a tenant with many calls the others.
 *
 * Nobody can fill it: a share is taken more only while it has no more places than would be left free (dynamic thresholds,
 * Choudhury and Hahne 1998, with a factor of 1). One tenant alone comes to half of the places, one of n greedy ones
 * to 1/(n + 1), and as much as one of them has stays free for whoever comes next.
 */
export class FairQueue<T> {
  private readonly root = new Share<T>();
  /** Items that were taken and came back. */
  private readonly returned: T[] = [];
  private size = 0;

  constructor(
    private readonly capacity: number,
    private readonly placesPerCall = defaultPlacesPerCall,
  ) {}

  /** The items that wait, which are more than the places they take where calls have many. */
  get length(): number {
    return this.size;
  }

  /**
   * Adds items of one call, all or none. Where nothing waits, any are taken: else they could never run.
   * @param path names of the tenant, the connection and such, and of the call, which may have items here already
   * @returns whether they were added
   */
  offer(items: readonly T[], path: readonly string[]): boolean {
    if (items.length === 0) return true;
    if (this.size > 0 && !this.hasRoom(items.length, path)) return false;
    this.root.at(path).items.push(...items);
    this.size += items.length;
    return true;
  }

  /** Puts an item before all others, beyond the capacity if need be: it was accepted before. */
  putBack(item: T): void {
    this.returned.unshift(item);
    this.size++;
  }

  /** The next item; undefined where nothing waits. */
  take(): T | undefined {
    const item = this.returned.shift() ?? this.root.take();
    if (item !== undefined) this.size--;
    return item;
  }

  /** Removes and returns every waiting item that matches. */
  removeWhere(matches: (item: T) => boolean): T[] {
    const removed = this.root.removeWhere(matches);
    for (const item of this.returned.filter(matches)) {
      this.returned.splice(this.returned.indexOf(item), 1);
      removed.push(item);
    }
    this.size -= removed.length;
    return removed;
  }

  /** Whether there is room for them in the queue, and in each share along the path but the call's own. */
  private hasRoom(count: number, path: readonly string[]): boolean {
    let free = this.capacity - this.returned.length - this.root.places(this.placesPerCall);
    const before = path.reduce<Share<T> | undefined>((share, name) => share?.member(name), this.root);
    const waiting = before?.items.length ?? 0;
    const added = Math.min(waiting + count, this.placesPerCall) - Math.min(waiting, this.placesPerCall);
    if (added > free) return false;
    let share: Share<T> | undefined = this.root;
    for (const name of path.slice(0, -1)) {
      share = share?.member(name);
      const taken = share?.places(this.placesPerCall) ?? 0;
      if (taken + added > free) return false;
      free -= taken;
    }
    return true;
  }
}
