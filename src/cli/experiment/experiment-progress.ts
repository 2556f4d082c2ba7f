import { Presets, SingleBar } from 'cli-progress';

import type { Terminal } from '../terminal.js';

/** How often the bar is drawn. */
const drawEveryMs = 2000;
/** How often a line is written where nobody watches a bar. */
const lineEveryMs = 60_000;
/** The bar counts thousandths of runs, so that it moves while one goes on. */
const parts = 1000;

/** How far all runs are. */
export interface ExperimentState {
  /** How many runs have ended. */
  readonly ended: number;
  /** How far each run that goes on is, 0 to 1. */
  readonly running: readonly number[];
}

/** Draws how far an experiment is and what is left, or writes a line now and then. */
export class ExperimentProgress {
  private readonly bar: SingleBar | undefined;
  private readonly startedAtMs = performance.now();
  private begunWith: number | undefined;
  private lastLineMs = performance.now();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly terminal: Terminal,
    private readonly total: number,
    private readonly state: () => Promise<ExperimentState>,
  ) {
    if (!terminal.isInteractive) return;
    const format = '{bar} {ended}/{total_runs} runs, {running} running, {left} left';
    this.bar = new SingleBar({ format, hideCursor: true }, Presets.shades_classic);
  }

  start(): void {
    this.bar?.start(this.total * parts, 0, { ended: 0, total_runs: this.total, running: 0, left: '?' });
    this.schedule();
  }

  /** Writes a line for people above the bar. */
  line(text: string): void {
    if (this.bar !== undefined) process.stderr.write('\r\u001b[K');
    this.terminal.err(text);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.bar?.stop();
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      void this.draw().finally(() => {
        // Stopped meanwhile.
        if (this.timer !== undefined) this.schedule();
      });
    }, drawEveryMs);
  }

  private async draw(): Promise<void> {
    const { ended, running } = await this.state().catch(() => ({ ended: 0, running: [] }));
    const done = ended + running.reduce((sum, share) => sum + share, 0);
    this.begunWith ??= done;
    if (this.timer === undefined) return;
    const left = timeLeft(done - this.begunWith, this.total - done, performance.now() - this.startedAtMs);
    this.bar?.update(Math.round(done * parts), { ended, running: running.length, left });
    if (this.bar !== undefined || performance.now() - this.lastLineMs < lineEveryMs) return;
    this.lastLineMs = performance.now();
    this.terminal.err(
      `  ${ended}/${this.total} runs ended, ${((100 * done) / this.total).toFixed(1)} % of all, ${left} left`,
    );
  }
}

/**
 * The time that is left at the speed so far, for people.
 * @param gained runs, with parts of runs, that were done in the time
 * @param missing runs, with parts of runs
 */
export function timeLeft(gained: number, missing: number, elapsedMs: number): string {
  if (gained <= 0) return '?';
  return duration((missing * elapsedMs) / gained);
}

/** `2 h 5 min`, `3 min` or `40 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
