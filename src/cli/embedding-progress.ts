import { ImageProgress } from './image-progress.js';
import type { Terminal } from './terminal.js';

/** How often a line is written where nobody watches a bar. */
const lineEveryMs = 30_000;

/** Draws how many faces are embedded and what is left, or writes a line now and then. */
export class EmbeddingProgress {
  private bar: ImageProgress | undefined;
  private readonly startedAtMs = performance.now();
  private lastLineMs = -Infinity;

  constructor(private readonly terminal: Terminal) {}

  update(embedded: number, faceCount: number): void {
    if (this.terminal.isInteractive) {
      this.bar ??= new ImageProgress(true, faceCount);
      this.bar.update(embedded);
      return;
    }
    const now = performance.now();
    if (embedded < faceCount && now - this.lastLineMs < lineEveryMs) return;
    this.lastLineMs = now;
    this.terminal.err(`  embedding ${embedded}/${faceCount} faces${this.left(embedded, faceCount, now)}`);
  }

  stop(): void {
    this.bar?.stop();
  }

  private left(embedded: number, faceCount: number, nowMs: number): string {
    if (embedded === 0 || embedded === faceCount) return '';
    const seconds = (((nowMs - this.startedAtMs) / embedded) * (faceCount - embedded)) / 1000;
    return `, ${Math.ceil(seconds)} s left`;
  }
}
