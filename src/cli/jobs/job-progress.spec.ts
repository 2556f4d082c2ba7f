import { describe, expect, it } from 'vitest';
import { RecordingTerminal } from '../../../test/support/recording-terminal.js';
import type { Job } from '../../generated/symface/v1/Job.js';
import type { Job__Output } from '../../generated/symface/v1/Job.js';
import { JobProgress } from './job-progress.js';

const running = { state: 'JOB_STATE_RUNNING', error: null } as const;

/** The lines that it writes where nobody watches. */
function linesOf(...states: readonly Job[]): readonly string[] {
  const terminal = new RecordingTerminal();
  const progress = new JobProgress(terminal);
  for (const state of states) progress.update({ error: null, ...state } as Job__Output);
  progress.stop();
  return terminal.errLines;
}

describe('JobProgress', () => {
  it('tells each phase of a training once, and what is counted in it', () => {
    const training = (phase: 'COLLECTING' | 'TRAINING', finishedStepCount = 0) => ({
      ...running,
      training: {
        progress: {
          phase: `TRAINING_PHASE_${phase}` as const,
          finishedStepCount,
          ...{ stepCount: 40, epoch: 1, epochCount: 2, imagesPerSecond: 3 },
          ...{ loss: 1, faceLoss: 1, symmetryLoss: 0 },
        },
      },
    });
    expect(
      linesOf(
        { state: 'JOB_STATE_QUEUED', training: { progress: null } },
        { ...running, training: { progress: null } },
        training('COLLECTING'),
        training('COLLECTING'),
        training('TRAINING', 10),
        training('TRAINING', 20),
        { state: 'JOB_STATE_SUCCEEDED' },
      ),
    ).toEqual(['  queued', '  running', '  taking the faces', '  training: 40 steps', '  succeeded']);
  });

  it('tells why a job is tried again', () => {
    const error = { code: 8, message: 'no memory', details: [] };
    expect(linesOf({ state: 'JOB_STATE_QUEUED', error })).toEqual(['  queued: no memory']);
  });

  it.each<[string, Job]>([
    [
      'benchmarks: 12 faces',
      { assessment: { phase: 'ASSESSMENT_PHASE_BENCHMARKS', faceCount: 12, finishedFaceCount: 3 } },
    ],
    ['timing', { assessment: { phase: 'ASSESSMENT_PHASE_TIMING', faceCount: 12, finishedFaceCount: 12 } }],
    [
      'embedding the enrolled faces anew: 5 faces',
      { activation: { phase: 'ACTIVATION_PHASE_RE_EMBEDDING', faceCount: 5, embeddedFaceCount: 1 } },
    ],
    ['going over', { activation: { phase: 'ACTIVATION_PHASE_SWITCHING', faceCount: 5 } }],
    ['measuring: 4 images', { benchmarkRun: { imageCount: 4, finishedImageCount: 1, imagesPerSecond: 2.5 } }],
    [
      'sealing by the new key: 8 values',
      { keyRotation: { phase: 'KEY_ROTATION_PHASE_SEALING', valueCount: 8, sealedValueCount: 3 } },
    ],
    [
      'waiting until nothing needs the old keys',
      { keyRotation: { phase: 'KEY_ROTATION_PHASE_WAITING', valueCount: 8, sealedValueCount: 8 } },
    ],
  ])('tells of the other kinds: %s', (line, work) => {
    expect(linesOf({ ...running, ...work })).toEqual([`  ${line}`]);
  });

  it('tells that a job is being ended', () => {
    expect(linesOf({ ...running, cancelRequested: true })).toEqual(['  being cancelled']);
  });
});
