import { Presets, SingleBar } from 'cli-progress';
import type { StepProgress, TrainStart } from '../adapters/training/train.js';
import type { Terminal } from './terminal.js';

/** Where nobody watches a bar, a line is written so often. */
const lineEveryMs = 30_000;
/** Weight of the last step in what is shown: single steps jump. */
const newShare = 0.05;

/** Draws how far a run is, how fast, its losses and what is left; or writes a line now and then. */
export class TrainingProgress {
  private bar: SingleBar | undefined;
  private begun: TrainStart | undefined;
  private smooth: { readonly loss: number; readonly face: number; readonly symmetry: number } | undefined;
  private computedMs = 0;
  private steps = 0;
  private lastLineMs = performance.now();

  constructor(private readonly terminal: Terminal) {}

  start(start: TrainStart): void {
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
    this.bar.start(start.epochs * start.batchesPerEpoch, start.from.step, shown);
  }

  step(progress: StepProgress): void {
    const { begun } = this;
    if (begun === undefined) return;
    this.steps++;
    this.computedMs += progress.computedMs + progress.waitedMs;
    this.smoothen(progress);
    const { epoch, step } = progress.place;
    const samples = begun.samplesPerEpoch / begun.batchesPerEpoch;
    const speed = ((this.steps * samples * 1000) / this.computedMs).toFixed(1);
    const losses = this.lossText(progress.learningRate);
    this.bar?.update(step, { epoch: `${Math.min(epoch + 1, begun.epochs)}/${begun.epochs}`, speed, losses });
    if (this.bar !== undefined || performance.now() - this.lastLineMs < lineEveryMs) return;
    this.lastLineMs = performance.now();
    const total = begun.epochs * begun.batchesPerEpoch;
    this.terminal.err(
      `  step ${step}/${total}, epoch ${epoch + 1}/${begun.epochs}: ${speed} img/s, ${losses}`,
    );
  }

  /** Something for people to read, above the bar. */
  line(text: string): void {
    // The bar is drawn anew under it.
    if (this.bar !== undefined) process.stderr.write('\r\u001b[K');
    this.terminal.err(text);
  }

  stop(): void {
    this.bar?.stop();
  }

  private smoothen({ report }: StepProgress): void {
    const { loss, faceLoss: face, symmetryLoss: symmetry } = report;
    const old = this.smooth ?? { loss, face, symmetry };
    const mix = (before: number, now: number): number => before + newShare * (now - before);
    this.smooth = {
      loss: mix(old.loss, loss),
      face: mix(old.face, face),
      symmetry: mix(old.symmetry, symmetry),
    };
  }

  private lossText(learningRate: number): string {
    if (this.smooth === undefined) return '';
    const { loss, face, symmetry } = this.smooth;
    return `loss ${loss.toFixed(3)} (face ${face.toFixed(3)}, symmetry ${symmetry.toFixed(3)}), rate ${learningRate.toPrecision(2)}`;
  }
}
