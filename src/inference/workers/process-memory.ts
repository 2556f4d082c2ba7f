import { readFile } from 'node:fs/promises';

const INTERVAL_MS = 50;

/**
 * Watches another process's resident memory, which neither Node nor V8 limits for native code.
 * Does nothing where the system has no /proc (macOS, Windows).
 * @param onExceeded called at most once
 * @returns ends the watch
 */
export function watchProcessMemory(
  processId: number | undefined,
  maximumBytes: number,
  onExceeded: () => void,
): () => void {
  const timer = setInterval(() => {
    void residentBytes(processId).then((bytes) => {
      if (bytes <= maximumBytes) return;
      clearInterval(timer);
      onExceeded();
    });
  }, INTERVAL_MS);
  return () => {
    clearInterval(timer);
  };
}

/** 0 where it cannot be told. */
async function residentBytes(processId: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(processId)}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return Number(kibibytes ?? 0) * 1024;
}
