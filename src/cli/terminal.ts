/** The place that the command writes to: results to `out`, everything else to `err`. */
export interface Terminal {
  /** One line of the result. */
  out(line: string): void;
  /** One line for people: an error or a note. */
  err(line: string): void;
  /** Whether someone is watching, so that progress is worth drawing. */
  readonly isInteractive: boolean;
}

// A reader that has seen enough (`symface models list | head -1`) closes the pipe; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

export const processTerminal: Terminal = {
  out: (line) => {
    process.stdout.write(`${line}\n`);
  },
  err: (line) => {
    process.stderr.write(`${line}\n`);
  },
  isInteractive: process.stderr.isTTY,
};
