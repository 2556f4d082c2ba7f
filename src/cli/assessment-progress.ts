import { Presets, SingleBar } from 'cli-progress';
import type { Assessment__Output } from '../generated/symface/v1/Assessment.js';
import type { AssessmentPhase__Output } from '../generated/symface/v1/AssessmentPhase.js';
import type { Terminal } from './terminal.js';

const words: Readonly<Record<AssessmentPhase__Output, string>> = {
  ASSESSMENT_PHASE_UNSPECIFIED: 'queued',
  ASSESSMENT_PHASE_LOADING: 'loading the models',
  ASSESSMENT_PHASE_HELD_OUT: 'enrolled faces held out',
  ASSESSMENT_PHASE_BENCHMARKS: 'benchmarks',
  ASSESSMENT_PHASE_TIMING: 'timing',
};

/** Shows how an assessment goes: a bar where someone watches, else a line for each phase. */
export class AssessmentProgress {
  private readonly bar: SingleBar | undefined;
  private lastLine = '';

  constructor(private readonly terminal: Terminal) {
    if (!terminal.isInteractive) return;
    this.bar = new SingleBar(
      { format: '{bar} {value}/{total} faces  {phase}', hideCursor: true },
      Presets.shades_classic,
    );
    this.bar.start(0, 0, { phase: 'queued' });
  }

  show({ state, phase, faceCount, finishedFaceCount, error }: Assessment__Output): void {
    const isQueued = state === 'ASSESSMENT_STATE_QUEUED';
    // A queued one that has failed before is tried again.
    const now = isQueued ? `queued${error === null ? '' : `: ${error.message}`}` : words[phase];
    this.bar?.setTotal(faceCount);
    this.bar?.update(finishedFaceCount, { phase: now });
    if (this.bar === undefined && now !== this.lastLine) this.terminal.err(`  ${now}`);
    this.lastLine = now;
  }

  stop(): void {
    this.bar?.stop();
  }
}
