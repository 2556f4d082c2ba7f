import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects what nothing refers to any more, which stops the process for some tens of milliseconds. */
type CollectGarbage = () => void;
/** glibc's, which gives whole pages that are free back to the system (malloc_trim(3)). */
type TrimHeap = (padBytes: number) => number;

/**
 * What gives memory back to the system: V8 collects buffers when others are made, and not when a burst is over; glibc keeps what
 * was freed between smaller pieces. Without koffi, or with another C library, only the first half is done.
 */
export async function memoryReturn(): Promise<() => void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as CollectGarbage;
  const trim = await heapTrim();
  return () => {
    collect();
    trim?.(0);
  };
}

async function heapTrim(): Promise<TrimHeap | undefined> {
  try {
    const { default: koffi } = await import('koffi');
    return koffi.load('libc.so.6').func('int malloc_trim(size_t pad)');
  } catch {
    return undefined;
  }
}
