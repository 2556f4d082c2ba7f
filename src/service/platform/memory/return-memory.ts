const mebibyte = 2 ** 20;
const defaultEveryMs = 10_000;
/** Less than this is not worth a pause. */
const worthBytes = 96 * mebibyte;
/** More than this between two looks is a burst that goes on, in which V8 collects by itself. */
const steadyBytes = 16 * mebibyte;

interface ReturnMemoryParts {
  /** Bytes outside of V8's heap that it holds for buffers. */
  readonly bufferBytes: () => number;
  /** Collects what is free, and gives it back to the system. */
  readonly giveBack: () => void;
  readonly everyMs?: number;
}

/**
 * Gives the memory of a burst back once the burst is over: a process that makes no buffers any more collects none, and would keep
 * the most that it ever had.
 */
export class ReturnMemory {
  private timer: NodeJS.Timeout | undefined;
  /** What was there after the last time, or less. */
  private base: number;
  private before: number;

  constructor(private readonly parts: ReturnMemoryParts) {
    this.base = this.before = parts.bufferBytes();
  }

  start(): void {
    this.timer ??= setInterval(() => {
      this.look();
    }, this.parts.everyMs ?? defaultEveryMs).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { bufferBytes, giveBack } = this.parts;
    const now = bufferBytes();
    const isSteady = Math.abs(now - this.before) < steadyBytes;
    this.before = now;
    this.base = Math.min(this.base, now);
    if (!isSteady || now - this.base < worthBytes) return;
    giveBack();
    // What is left is in use: it is no reason to try again.
    this.base = this.before = bufferBytes();
  }
}
