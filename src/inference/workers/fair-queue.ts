/** Places that one call takes at most, however many images it has: the more it has, the longer it is on its way. */
const defaultPlacesPerCall = 8;
/** Items of one call that a turn takes: those of a pair, which is answered once both are done. */
const itemsPerTurn = 2;

/**
 * Those that take turns: tenants, the connections of one tenant, the calls of one connection. A call has items, the others
 * have members.
 */
class Share<T> {
  readonly items: T[] = [];
  private readonly members = new Map<string, Share<T>>();
  /** Items of it and of its members that wait. */
  private waiting = 0;
  /** Items of it and of its members that were taken and are not done yet. */
  private atWork = 0;
  /** Items that it was given in the turn that it has. */
  private takenInTurn = 0;

  constructor(
    private readonly name = '',
    private readonly parent?: Share<T>,
  ) {}

  member(name: string | undefined): Share<T> | undefined {
    return name === undefined ? undefined : this.members.get(name);
  }

  /** The share at the end of the path, which is made where it is not there. */
  at([name, ...rest]: readonly string[]): Share<T> {
    if (name === undefined) return this;
    const member = this.members.get(name) ?? new Share<T>(name, this);
    this.members.set(name, member);
    return member.at(rest);
  }

  places(perCall: number): number {
    let places = Math.min(this.items.length, perCall);
    for (const member of this.members.values()) places += member.places(perCall);
    return places;
  }

  add(items: readonly T[]): void {
    this.items.push(...items);
    this.count(items.length, 0);
  }

  /** The next item, and whose it is: it is at work until that one is told {@link done}. */
  take(): { readonly item: T; readonly of: Share<T> } | undefined {
    const next = this.next();
    if (next !== undefined) {
      const taken = next.take();
      if (!next.isInTurn) this.moveToEnd(next);
      return taken;
    }
    const item = this.items.shift();
    if (item === undefined) return undefined;
    this.takenInTurn = this.items.length === 0 ? 0 : (this.takenInTurn + 1) % itemsPerTurn;
    this.count(-1, 1);
    return { item, of: this };
  }

  /** An item that was taken is done. */
  done(): void {
    this.count(0, -1);
  }

  removeWhere(matches: (item: T) => boolean): T[] {
    const removed = [...this.members.values()].flatMap((member) => member.removeWhere(matches));
    const own = this.items.filter(matches);
    if (own.length > 0) {
      this.items.splice(0, this.items.length, ...this.items.filter((item) => !own.includes(item)));
      this.count(-own.length, 0);
    }
    return [...removed, ...own];
  }

  /** Whether it is a call whose turn goes on. */
  private get isInTurn(): boolean {
    return this.items.length > 0 && this.takenInTurn > 0;
  }

  private moveToEnd(member: Share<T>): void {
    this.members.delete(member.name);
    this.members.set(member.name, member);
  }

  /** Whose turn it is: who has it already, or the fewest items at work, and of those the one whose last turn is longest ago. */
  private next(): Share<T> | undefined {
    let next: Share<T> | undefined;
    for (const member of this.members.values()) {
      if (member.isInTurn) return member;
      if (member.waiting > 0 && (next === undefined || member.atWork < next.atWork)) next = member;
    }
    return next;
  }

  private count(waiting: number, atWork: number): void {
    this.waiting += waiting;
    this.atWork += atWork;
    if (this.waiting === 0 && this.atWork === 0) this.parent?.members.delete(this.name);
    this.parent?.count(waiting, atWork);
  }
}

/**
 * A bounded queue whose items are taken in turns: between tenants first, then between the connections of a tenant, then between
 * the calls of a connection, whose turn is a pair. So neither a call with many images holds up those with one, nor a tenant with
 * many calls the others. The next turn is that of who has the fewest items at work: who asks for little waits for no more than
 * what is at work already.
 *
 * Nobody can fill it: a share is taken more only while it has no more places than would be left free (dynamic thresholds,
 * Choudhury and Hahne 1998, with a factor of 1). One tenant alone comes to half of the places, one of n greedy ones
 * to 1/(n + 1), and as much as one of them has stays free for whoever comes next.
 */
export class FairQueue<T> {
  private readonly root = new Share<T>();
  /** Whose the items are that were taken and are not done yet. */
  private readonly atWork = new Map<T, Share<T>>();
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
    if (!this.hasRoom(items.length, path)) return false;
    this.root.at(path).add(items);
    this.size += items.length;
    return true;
  }

  /**
   * Whether as many items would be taken now: there is room for them in the queue, and in each share along the path but the
   * call's own.
   */
  hasRoom(count: number, path: readonly string[]): boolean {
    if (this.size === 0) return true;
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

  /** Puts an item before all others, beyond the capacity if need be: it was accepted before. */
  putBack(item: T): void {
    this.returned.unshift(item);
    this.size++;
  }

  /** The next item, which is at work until it is {@link done}; undefined where nothing waits. */
  take(): T | undefined {
    const item = this.returned.shift() ?? this.takeInTurn();
    if (item !== undefined) this.size--;
    return item;
  }

  /** An item that was taken, or came back, is at work no more. */
  done(item: T): void {
    this.atWork.get(item)?.done();
    this.atWork.delete(item);
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

  private takeInTurn(): T | undefined {
    const taken = this.root.take();
    if (taken !== undefined) this.atWork.set(taken.item, taken.of);
    return taken?.item;
  }
}
