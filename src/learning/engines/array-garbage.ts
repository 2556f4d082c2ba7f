import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * ONNX Runtime's binding makes new arrays of all that comes out of a run. V8 counts their bytes, but would collect them in
 * pauses that a process does not have whose main thread is in the runtime for seconds: those of several steps of a large
 * network were there at once. So they are collected whenever they have become many.
 */
export class ArrayGarbage {
  private bytes = 0;

  constructor(private readonly collectAfterBytes = 128 * 1024 ** 2) {}

  /** Counts the bytes of arrays that nobody needs any more. */
  add(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes < this.collectAfterBytes) return;
    this.bytes = 0;
    collectGarbage();
  }
}

type Collector = () => void;

let collector: Collector | undefined;

/** A matter of some 10 ms, since there are few objects beside large arrays. */
function collectGarbage(): void {
  collector ??= exposedCollector();
  collector();
}

function exposedCollector(): Collector {
  setFlagsFromString('--expose-gc');
  const exposed: unknown = runInNewContext('typeof gc === "function" ? gc : undefined');
  // Without it more memory is taken, no more.
  return typeof exposed === 'function' ? (exposed as Collector) : () => undefined;
}
