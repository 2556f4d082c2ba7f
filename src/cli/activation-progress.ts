import { Presets, SingleBar } from 'cli-progress';
import type { Activation__Output } from '../generated/symface/v1/Activation.js';
import type { ActivationPhase__Output } from '../generated/symface/v1/ActivationPhase.js';
import type { Terminal } from './terminal.js';

const words: Readonly<Partial<Record<ActivationPhase__Output, string>>> = {
  ACTIVATION_PHASE_LOADING: 'loading the model',
  ACTIVATION_PHASE_RE_EMBEDDING: 'embedding the enrolled faces anew',
  ACTIVATION_PHASE_SWITCHING: 'going over',
  ACTIVATION_PHASE_REMOVING: 'removing templates of older models',
};

/** Shows how an activation goes: a bar where someone watches, else a line for each phase. */
export class ActivationProgress {
  private readonly bar: SingleBar | undefined;
  private phase = '';

  constructor(private readonly terminal: Terminal) {
    if (!terminal.isInteractive) return;
    this.bar = new SingleBar(
      {
        format: '{bar} {value}/{total} faces  {phase}  {eta_formatted} left',
        hideCursor: true,
        etaBuffer: 100,
      },
      Presets.shades_classic,
    );
    this.bar.start(0, 0, { phase: 'queued' });
  }

  show({ state, phase, faceCount, embeddedFaceCount, failureMessage }: Activation__Output): void {
    const isQueued = state === 'ACTIVATION_STATE_QUEUED';
    // A queued one that has failed before is tried again.
    const now = isQueued ? `queued${failureMessage && `: ${failureMessage}`}` : (words[phase] ?? '');
    this.bar?.setTotal(faceCount);
    this.bar?.update(embeddedFaceCount, { phase: now });
    if (this.bar === undefined && now !== this.phase) this.terminal.err(`  ${now}`);
    this.phase = now;
  }

  stop(): void {
    this.bar?.stop();
  }
}
