/** A batch by its position in a run. */
export interface BatchPosition {
  readonly epoch: number;
  readonly batch: number;
}

/**
 * Keeps batches being made ahead of the one that is asked for, into the next epoch too. What is asked for out of order,
 * as when a run goes on elsewhere, is begun anew.
 */
export class BatchPrefetcher<Batch> {
  private readonly ahead: (BatchPosition & { readonly made: Promise<Batch> })[] = [];
  private next: BatchPosition = { epoch: 0, batch: 0 };

  /**
   * @param depth batches that are made ahead, from 1 on
   * @param batchCount of an epoch
   * @param make begins a batch
   */
  constructor(
    private readonly depth: number,
    private readonly batchCount: number,
    private readonly make: (position: BatchPosition) => Promise<Batch>,
  ) {}

  /** The batch, once it is made. As soon as it is, another one is begun. @throws what `make` rejects with */
  async take(position: BatchPosition): Promise<Batch> {
    const first = this.ahead[0] ?? this.next;
    if (first.epoch !== position.epoch || first.batch !== position.batch) {
      this.ahead.length = 0;
      this.next = position;
    }
    this.fill();
    const [taken] = this.ahead;
    if (taken === undefined) throw new RangeError('no batch was begun');
    const batch = await taken.made;
    // It may have been given up meanwhile for one elsewhere.
    if (this.ahead[0] === taken) this.ahead.shift();
    this.fill();
    return batch;
  }

  private fill(): void {
    while (this.ahead.length < this.depth) {
      const position = this.next;
      const made = this.make(position);
      // Whoever takes it hears of the failure; it may be nobody.
      made.catch(() => undefined);
      this.ahead.push({ ...position, made });
      const isLast = position.batch + 1 >= this.batchCount;
      this.next = isLast
        ? { epoch: position.epoch + 1, batch: 0 }
        : { ...position, batch: position.batch + 1 };
    }
  }
}
