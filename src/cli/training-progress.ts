import { Presets, SingleBar } from 'cli-progress';
import type { StepProgress, TrainStart } from '../training/runs/train.js';
import type { Terminal } from './terminal.js';

/** How often a line is written where nobody watches a bar. */
const lineEveryMs = 30_000;
/** Weight of the last step in what is shown: single steps jump. */
const newShare = 0.05;

/** The losses by the names that they are shown with: `loss`, then its parts. */
type ShownLosses = Readonly<Record<string, number>>;

/** Draws how far a run is, how fast, its losses and what is left; or writes a line now and then. */
export class TrainingProgress {
  private bar: SingleBar | undefined;
  private begun: TrainStart | undefined;
  private smooth: ShownLosses | undefined;
  private computedMs = 0;
  private steps = 0;
  private lastLineMs = performance.now();

  constructor(private readonly terminal: Terminal) {}

  /** Shows, before the start, how many faces are embedded and for what. */
  embedding(purpose: string, embedded: number, faceCount: number): void {
    if (this.terminal.isInteractive) {
      this.bar ??= startEmbeddingBar(purpose, faceCount);
      this.bar.update(embedded);
      if (embedded < faceCount) return;
      this.bar.stop();
      this.bar = undefined;
      return;
    }
    const isEnd = embedded === 0 || embedded === faceCount;
    if (!isEnd && performance.now() - this.lastLineMs < lineEveryMs) return;
    this.lastLineMs = performance.now();
    this.terminal.err(`  embedding ${embedded}/${faceCount} faces for ${purpose}`);
  }

  start(start: TrainStart): void {
    // One of embeddings that was ended early.
    this.bar?.stop();
    this.bar = undefined;
    this.begun = start;
    if (!this.terminal.isInteractive) return;
    this.bar = new SingleBar(
      {
        format: '{bar} {value}/{total} steps  epoch {epoch}  {speed} img/s  {losses}  {eta_formatted} left',
        hideCursor: true,
        etaBuffer: 50,
      },
      Presets.shades_classic,
    );
    const shown = { epoch: start.from.epoch + 1, speed: '-', losses: '' };
    this.bar.start(start.epochs * start.stepsPerEpoch, start.from.step, shown);
  }

  step(progress: StepProgress): void {
    const { begun } = this;
    if (begun === undefined) return;
    this.steps++;
    this.computedMs += progress.computedMs + progress.waitedMs;
    this.smoothen(progress);
    const { epoch, step } = progress.position;
    const samples = begun.samplesPerEpoch / begun.stepsPerEpoch;
    const speed = ((this.steps * samples * 1000) / this.computedMs).toFixed(1);
    const losses = this.lossText(progress.learningRate);
    this.bar?.update(step, { epoch: `${Math.min(epoch + 1, begun.epochs)}/${begun.epochs}`, speed, losses });
    if (this.bar !== undefined || performance.now() - this.lastLineMs < lineEveryMs) return;
    this.lastLineMs = performance.now();
    const total = begun.epochs * begun.stepsPerEpoch;
    this.terminal.err(
      `  step ${step}/${total}, epoch ${epoch + 1}/${begun.epochs}: ${speed} img/s, ${losses}`,
    );
  }

  /** Writes a line for people above the bar. */
  line(text: string): void {
    // The bar is drawn anew under it.
    if (this.bar !== undefined) process.stderr.write('\r\u001b[K');
    this.terminal.err(text);
  }

  stop(): void {
    this.bar?.stop();
  }

  private smoothen({ report }: StepProgress): void {
    const now = shownLosses(report);
    const old = this.smooth ?? now;
    const mixed = Object.entries(now).map(([part, value]) => {
      const before = old[part] ?? value;
      return [part, before + newShare * (value - before)] as const;
    });
    this.smooth = Object.fromEntries(mixed);
  }

  private lossText(learningRate: number): string {
    if (this.smooth === undefined) return '';
    const { loss = Number.NaN, ...parts } = this.smooth;
    const texts = Object.entries(parts).map(([part, value]) => `${part} ${value.toFixed(3)}`);
    return `loss ${loss.toFixed(3)} (${texts.join(', ')}), rate ${learningRate.toPrecision(2)}`;
  }
}

function shownLosses({
  loss,
  faceLoss: face,
  symmetryLoss: symmetry,
  distillationLoss: distillation,
}: StepProgress['report']): ShownLosses {
  return {
    loss,
    face,
    symmetry,
    ...(distillation === undefined ? {} : { distillation }),
  };
}

function startEmbeddingBar(purpose: string, faceCount: number): SingleBar {
  const format = `{bar} embedding {value}/{total} faces for ${purpose}  {eta_formatted} left`;
  const bar = new SingleBar({ format, hideCursor: true }, Presets.shades_classic);
  bar.start(faceCount, 0);
  return bar;
}
