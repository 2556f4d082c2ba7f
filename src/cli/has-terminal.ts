import { isatty } from 'node:tty';

const standardStreams = [0, 1, 2] as const;

/** Whether any of the standard streams of this process is a terminal: somebody may close it. */
export function hasTerminal(): boolean {
  return standardStreams.some((descriptor) => isatty(descriptor));
}
