/**
 * An amount that many share, of which nobody gets all. As {@link FairQueue} does, a share is given more only while it has no more
 * than would be left free (dynamic thresholds, Choudhury and Hahne 1998): one alone comes to half, a connection of a tenant
 * to a third, and what comes next finds room.
 */
export class SharedBudget {
  /** What each has, by its path. */
  private readonly taken = new Map<string, number>();
  private total = 0;

  /** @param capacity what there is in all: bytes, or calls */
  constructor(readonly capacity: number) {}

  /**
   * Takes an amount for whoever the path names, from the tenant to the connection, as all of them have it then.
   * @returns whether it was taken
   */
  take(path: readonly string[], amount: number): boolean {
    const names = prefixes(path);
    let free = this.capacity - this.total;
    if (amount > free) return false;
    for (const name of names) {
      const own = this.taken.get(name) ?? 0;
      if (own + amount > free) return false;
      free -= own;
    }
    this.change(names, amount);
    return true;
  }

  /** Gives back what was taken for the path. */
  giveBack(path: readonly string[], amount: number): void {
    this.change(prefixes(path), -amount);
  }

  /** What all have together. */
  get used(): number {
    return this.total;
  }

  private change(names: readonly string[], amount: number): void {
    this.total += amount;
    for (const name of names) {
      const own = (this.taken.get(name) ?? 0) + amount;
      if (own > 0) this.taken.set(name, own);
      else this.taken.delete(name);
    }
  }
}

/** "a", "a\nb" and so on. */
function prefixes(path: readonly string[]): readonly string[] {
  return path.map((_, index) => path.slice(0, index + 1).join('\n'));
}
