import type { Terminal } from '../../src/cli/terminal.js';

/** Keeps what a command prints. */
export class RecordingTerminal implements Terminal {
  readonly outLines: string[] = [];
  readonly errLines: string[] = [];
  readonly isInteractive = false;

  out(line: string): void {
    this.outLines.push(line);
  }

  err(line: string): void {
    this.errLines.push(line);
  }

  /** The lines of the result, each parsed as JSON. */
  get json(): unknown[] {
    return this.outLines.map((line): unknown => JSON.parse(line));
  }
}
