import { mebibytes } from './report/backup-report.js';
import type { Terminal } from './terminal.js';

const tellEveryMs = 2_000;

/** Tells now and then how far a file is, where somebody is watching. */
export class ByteProgress {
  private toldAtMs = performance.now();

  constructor(
    private readonly terminal: Terminal,
    private readonly verb: string,
  ) {}

  /** @param totalBytes undefined where nobody knows */
  readonly update = (doneBytes: number, totalBytes?: number): void => {
    if (!this.terminal.isInteractive || performance.now() - this.toldAtMs < tellEveryMs) return;
    this.toldAtMs = performance.now();
    const of = totalBytes === undefined ? '' : ` of ${mebibytes(totalBytes)}`;
    this.terminal.err(`${this.verb} ${mebibytes(doneBytes)}${of}`);
  };
}
