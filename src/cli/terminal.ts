import { EXIT_ERROR } from './exit-code.js';

/** The place that the command writes to: results to `out`, everything else to `err`. */
export interface Terminal {
  /** One line of the result. */
  out(line: string): void;
  /** One line for people: an error or a note. */
  err(line: string): void;
  /** Whether someone is watching, so that progress is worth drawing. */
  readonly isInteractive: boolean;
}

/** Whether this process goes on where nobody can read what it prints. */
let isUnreadAllowed = false;

process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (isUnreadAllowed) return;
  // A reader that has seen enough (`symface models list | head -1`) closes the pipe; that is no error.
  if (code === 'EPIPE') process.exit();
  process.stderr.write(`symface: standard output cannot be written: ${message}\n`);
  process.exit(EXIT_ERROR);
});
process.stderr.on('error', () => {
  // There is nowhere else to say it.
});

/** From now on what cannot be printed is dropped: a process that serves others goes on on a full disk, and without a reader. */
export function serveUnread(): void {
  isUnreadAllowed = true;
}

export const processTerminal: Terminal = {
  out: (line) => {
    process.stdout.write(`${line}\n`);
  },
  err: (line) => {
    process.stderr.write(`${line}\n`);
  },
  isInteractive: process.stderr.isTTY,
};
