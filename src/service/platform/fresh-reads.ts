/** How long what was read is remembered: after so long another replica's change is in force here. */
const freshMs = 2_000;

interface Known<T> {
  readonly value: T;
  readonly readAtMs: number;
}

/** Remembers what every call asks the database for, for a moment; calls at a time share one reading. */
export class FreshReads<T> {
  private readonly known = new Map<string, Known<T>>();
  private readonly reads = new Map<string, Promise<T>>();

  constructor(
    private readonly readAnew: (key: string) => Promise<T>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @throws what reading throws where nothing was ever read; else what was known a moment ago goes on */
  async get(key: string): Promise<T> {
    const known = this.known.get(key);
    if (known !== undefined && this.nowMs() - known.readAtMs < freshMs) return known.value;
    const reading = this.reads.get(key) ?? this.read(key);
    return known === undefined ? reading : reading.catch(() => known.value);
  }

  /** Forgets what was just changed here. */
  forget(key: string): void {
    this.known.delete(key);
    this.reads.delete(key);
  }

  private read(key: string): Promise<T> {
    const reading = this.readAnew(key).then(
      (value) => {
        // A reading that began before forget() is not remembered.
        if (this.reads.get(key) === reading) {
          this.known.set(key, { value, readAtMs: this.nowMs() });
          this.reads.delete(key);
        }
        return value;
      },
      (error: unknown) => {
        if (this.reads.get(key) === reading) this.reads.delete(key);
        throw error;
      },
    );
    this.reads.set(key, reading);
    return reading;
  }
}
