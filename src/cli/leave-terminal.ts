import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

const standardStreams = [0, 1, 2] as const;

/** The standard streams of this process that are a terminal. Asked at the start: one that is closed is none any more. */
const terminals = standardStreams.filter((descriptor) => isatty(descriptor));

/** Whether any of the standard streams of this process is a terminal: somebody may close it. */
export function hasTerminal(): boolean {
  return terminals.length > 0;
}

/**
 * Puts /dev/null in the place of standard streams that were a terminal, once that is closed. Node sets the terminal back when it ends, takes it
 * for a defect of its own that there is none, and aborts: with a core dump, where the system keeps them, of faces and keys.
 */
export function leaveClosedTerminal(): void {
  for (const descriptor of terminals) {
    closeSync(descriptor);
    // The lowest number that is free, which is the one that was closed.
    openSync('/dev/null', 'r+');
  }
}
