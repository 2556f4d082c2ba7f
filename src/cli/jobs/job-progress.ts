import { Presets, SingleBar } from 'cli-progress';
import type { Job__Output } from '../../generated/symface/v1/Job.js';
import type { TrainingProgress__Output } from '../../generated/symface/v1/TrainingProgress.js';
import { timeLeft } from '../experiment/experiment-progress.js';
import type { Terminal } from '../terminal.js';
import { jobPhaseWord, jobStateWord } from './job-words.js';

/** What a job counts while it runs. */
interface Amount {
  readonly unit: 'steps' | 'networks' | 'faces' | 'images' | 'values' | 'templates';
  readonly done: number;
  readonly total: number;
  readonly note: string;
}

/** Shows how far a job is, whatever its kind: a bar while it counts and someone watches, else a line for each phase. */
export class JobProgress {
  private bar: SingleBar | undefined;
  /** The moment at which the bar began: what was done before tells nothing of the speed. */
  private begun = { atMs: 0, done: 0 };
  private lastLine = '';

  constructor(private readonly terminal: Terminal) {}

  update(job: Job__Output): void {
    const amount = amountOf(job);
    if (amount !== undefined && this.terminal.isInteractive) {
      this.draw(amount);
      return;
    }
    this.stop();
    this.line(lineOf(job, amount));
  }

  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private draw({ unit, done, total, note }: Amount): void {
    const now = performance.now();
    if (this.bar === undefined) {
      const format = '{bar} {value}/{total} {unit}  {note}  {left} left';
      this.bar = new SingleBar({ format, hideCursor: true }, Presets.shades_classic);
      this.bar.start(total, done, { unit, note, left: '?' });
      this.begun = { atMs: now, done };
    }
    const left = timeLeft(done - this.begun.done, total - done, now - this.begun.atMs);
    this.bar.setTotal(total);
    this.bar.update(done, { unit, note, left });
  }

  private line(text: string): void {
    if (text === this.lastLine) return;
    this.lastLine = text;
    this.terminal.err(`  ${text}`);
  }
}

function lineOf(job: Job__Output, amount: Amount | undefined): string {
  const phase = jobPhaseWord(job);
  if (phase === '') {
    // A queued one that has failed before is tried again.
    return `${jobStateWord(job)}${job.error === null ? '' : `: ${job.error.message}`}`;
  }
  return amount === undefined ? phase : `${phase}: ${amount.total} ${amount.unit}`;
}

/** The amount that a job has done; undefined where it counts nothing just now. */
function amountOf(job: Job__Output): Amount | undefined {
  const amount = job.state === 'JOB_STATE_RUNNING' ? countedBy(job) : undefined;
  return amount === undefined || amount.total === 0 ? undefined : amount;
}

function countedBy(job: Job__Output): Amount | undefined {
  const { training, assessment, activation, benchmarkRun, keyRotation, indexing } = job;
  if (training?.progress?.phase === 'TRAINING_PHASE_TRAINING') return stepsOf(training.progress);
  const note = jobPhaseWord(job);
  if (training?.progress?.phase === 'TRAINING_PHASE_CHOOSING') {
    const { networkCount: total, measuredNetworkCount: done } = training.progress;
    return { unit: 'networks', done, total, note };
  }
  if (assessment && assessment.phase !== 'ASSESSMENT_PHASE_TIMING') {
    return { unit: 'faces', done: assessment.finishedFaceCount, total: assessment.faceCount, note };
  }
  if (activation?.phase === 'ACTIVATION_PHASE_RE_EMBEDDING') {
    return { unit: 'faces', done: activation.embeddedFaceCount, total: activation.faceCount, note };
  }
  if (keyRotation?.phase === 'KEY_ROTATION_PHASE_SEALING') {
    return { unit: 'values', done: keyRotation.sealedValueCount, total: keyRotation.valueCount, note };
  }
  if (indexing) {
    return { unit: 'templates', done: indexing.finishedTemplateCount, total: indexing.templateCount, note };
  }
  if (!benchmarkRun) return undefined;
  const { finishedImageCount: done, imageCount: total, imagesPerSecond } = benchmarkRun;
  return { unit: 'images', done, total, note: `${imagesPerSecond.toFixed(1)}/s` };
}

function stepsOf(progress: TrainingProgress__Output): Amount {
  const { stepCount: total, finishedStepCount: done, epoch, epochCount, imagesPerSecond } = progress;
  const losses = `face ${progress.faceLoss.toFixed(3)}, symmetry ${progress.symmetryLoss.toFixed(3)}`;
  const loss = `loss ${progress.loss.toFixed(3)} (${losses})`;
  const note = `epoch ${epoch}/${epochCount}  ${imagesPerSecond.toFixed(1)} img/s  ${loss}`;
  return { unit: 'steps', done, total, note };
}
