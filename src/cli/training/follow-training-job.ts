import { Presets, SingleBar } from 'cli-progress';
import type { SymFaceServices } from '../../client/service-methods.js';
import type { TrainingJob__Output } from '../../generated/symface/v1/TrainingJob.js';
import { timeLeft } from '../experiment/experiment-progress.js';
import { trainingPhaseWord, trainingStateWord } from '../report/training-job-report.js';
import { present } from '../session.js';
import type { Terminal } from '../terminal.js';

/** Shows a job's progress until it has ended. @returns it as it ended */
export async function followTrainingJob(
  terminal: Terminal,
  client: SymFaceServices['training'],
  first: TrainingJob__Output,
): Promise<TrainingJob__Output> {
  const progress = new TrainingJobProgress(terminal);
  let last = first;
  try {
    for await (const { trainingJob } of client.watchTrainingJob({ name: first.name })) {
      last = present(trainingJob);
      progress.update(last);
    }
  } finally {
    progress.stop();
  }
  return last;
}

/** A bar while steps are computed, and a line for each phase. */
class TrainingJobProgress {
  private bar: SingleBar | undefined;
  /** When steps were first seen: what was done before tells nothing of the speed. */
  private begun: { readonly atMs: number; readonly step: number } | undefined;
  private lastLine = '';

  constructor(private readonly terminal: Terminal) {}

  update(job: TrainingJob__Output): void {
    const { progress, state } = job;
    const isTraining =
      state === 'TRAINING_JOB_STATE_RUNNING' && progress?.phase === 'TRAINING_PHASE_TRAINING';
    if (!isTraining) {
      this.stop();
      const phase = state === 'TRAINING_JOB_STATE_RUNNING' ? trainingPhaseWord(job) : '';
      this.line(phase === '' ? trainingStateWord(job) : phase);
      return;
    }
    if (!this.terminal.isInteractive) this.line(`training: ${progress.stepCount} steps`);
    else this.draw(progress);
  }

  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private draw(progress: NonNullable<TrainingJob__Output['progress']>): void {
    const { stepCount, finishedStepCount, epoch, epochCount, imagesPerSecond, loss, faceLoss, symmetryLoss } =
      progress;
    const now = { atMs: performance.now(), step: finishedStepCount };
    this.begun ??= now;
    const { begun } = this;
    const left = timeLeft(now.step - begun.step, stepCount - now.step, now.atMs - begun.atMs);
    const shown = {
      left,
      epoch: `${epoch}/${epochCount}`,
      speed: imagesPerSecond.toFixed(1),
      losses: `loss ${loss.toFixed(3)} (face ${faceLoss.toFixed(3)}, symmetry ${symmetryLoss.toFixed(3)})`,
    };
    if (this.bar === undefined) {
      const format = '{bar} {value}/{total} steps  epoch {epoch}  {speed} img/s  {losses}  {left} left';
      this.bar = new SingleBar({ format, hideCursor: true }, Presets.shades_classic);
      this.bar.start(stepCount, finishedStepCount, shown);
    }
    this.bar.update(finishedStepCount, shown);
  }

  private line(text: string): void {
    if (text === this.lastLine) return;
    this.lastLine = text;
    this.terminal.err(`  ${text}`);
  }
}
