interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Does the work of concurrent callers together. No delay is added: a batch is whatever has gathered while the one before it
 * was worked on.
 */
export class MicroBatches<Item, Result> {
  private readonly waiting: Waiting<Item, Result>[] = [];
  private running = false;

  /**
   * @param work one result an item, in order
   * @param maximumSize items of a batch at most
   */
  constructor(
    private readonly work: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly maximumSize: number,
  ) {}

  /** The item's result. @throws what the work on its batch threw */
  async add(item: Item): Promise<Result> {
    const result = new Promise<Result>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
    });
    if (!this.running) void this.run();
    return result;
  }

  /** Works on batch after batch. It never rejects: each item is told of its own batch's error. */
  private async run(): Promise<void> {
    this.running = true;
    // Lets the callers that are ready in this turn of the event loop join the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.maximumSize);
      try {
        const results = await this.work(batch.map(({ item }) => item));
        batch.forEach(({ resolve, reject }, index) => {
          const result = results[index];
          if (result === undefined) reject(new Error('there are fewer results than items in the batch'));
          else resolve(result);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.running = false;
  }
}
