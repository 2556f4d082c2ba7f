/** Pieces of work one after another, in the order that they are asked for; one that fails is no hindrance to the next. */
export class Mutex {
  private last: Promise<unknown> = Promise.resolve();

  async runExclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}
