import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

import { Failure } from '../../core/failure.js';
import { fromRecord } from '../../core/failure-record.js';
import type { MessageFromTrainer, MessageToTrainer, TrainerSetup } from './trainer-protocol.js';

export interface TrainerEvents {
  readonly onStep: (steps: Extract<MessageFromTrainer, { type: 'step' }>['steps']) => void;
  /** So many of the networks that are chosen among are measured. */
  readonly onChoosing: (measured: number, networks: number) => void;
  /** The run's log has it. */
  readonly onLogEntry: (entry: Extract<MessageFromTrainer, { type: 'logged' }>['entry']) => void;
  /** The trainer waits until this resolves; where it rejects, the training ends with that. */
  readonly onCheckpoint: () => Promise<void>;
}

export interface TrainerEnd {
  /** False where it was asked to stop. */
  readonly isDone: boolean;
  /** The steps of the network that was exported. */
  readonly steps: number;
}

/** The training process's compiled entry point. */
export const trainerEntryPoint = fileURLToPath(new URL('./trainer.js', import.meta.url));

/** What is kept of what it prints, for the log. */
const keptOutputCharacters = 4000;

export interface TrainerControl {
  /** Ends it in good order; where that takes longer than the grace, at once. */
  readonly stop: AbortSignal;
  /** Ends it at once. */
  readonly kill: AbortSignal;
  readonly stopGraceMs: number;
  /** The priority as `os.setPriority` takes it. */
  readonly priority: number;
}

/** Says to a worker that the process which started it trains, together with others: see trainTogether. */
export const trainingParentVariable = 'SYMFACE_TRAINING_PARENT';

/** Whether the process that started this one trains, together with others. */
export function hasTrainingParent(): boolean {
  return process.env[trainingParentVariable] === '1';
}

/**
 * Ends this process with the parent that trains for it, if there is one: nobody else has its trainings.
 * @returns to be called at the end, when the parent may go
 */
export function endWithTrainingParent(): () => void {
  if (!hasTrainingParent()) return () => undefined;
  const end = (): void => process.exit(1);
  process.once('disconnect', end);
  return () => {
    process.off('disconnect', end);
    if (process.connected) process.disconnect();
  };
}

/**
 * Runs a training in a process of its own, which yields the processor to whatever serves; in the parent of a worker that was started
 * by `mpirun`.
 * @throws Failure as the trainer throws it; WORKER_LOST where it died
 */
export async function runTrainer(
  entryPoint: string,
  setup: TrainerSetup,
  events: TrainerEvents,
  control: TrainerControl,
): Promise<TrainerEnd> {
  return hasTrainingParent()
    ? runInParent(setup, events, control)
    : runInChild(entryPoint, setup, events, control);
}

async function runInChild(
  entryPoint: string,
  setup: TrainerSetup,
  events: TrainerEvents,
  { stop, kill, stopGraceMs, priority }: TrainerControl,
): Promise<TrainerEnd> {
  const child = fork(entryPoint, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  lowerPriority(child, priority);
  const killNow = (): void => {
    child.kill('SIGKILL');
  };
  let graceTimer: NodeJS.Timeout | undefined;
  const stopSoon = (): void => {
    send(child, { type: 'stop' });
    graceTimer = setTimeout(killNow, stopGraceMs);
  };
  kill.addEventListener('abort', killNow);
  stop.addEventListener('abort', stopSoon);
  try {
    send(child, { type: 'setup', setup });
    if (stop.aborted) stopSoon();
    if (kill.aborted) killNow();
    return await endOf(child, events);
  } finally {
    clearTimeout(graceTimer);
    kill.removeEventListener('abort', killNow);
    stop.removeEventListener('abort', stopSoon);
    killNow();
  }
}

/** The others could not go on without the parent, so that it is not killed: however it is told to end, it does after a step. */
async function runInParent(
  setup: TrainerSetup,
  events: TrainerEvents,
  { stop, kill }: TrainerControl,
): Promise<TrainerEnd> {
  const tell = (message: MessageToTrainer): void => {
    if (process.connected) process.send?.(message, () => undefined);
  };
  const stopSoon = (): void => {
    tell({ type: 'stop' });
  };
  const signals = [stop, kill];
  let listener: ((message: MessageFromTrainer) => void) | undefined;
  try {
    return await new Promise((resolve, reject) => {
      listener = (message) => {
        follow(message, events, tell, { resolve, reject });
      };
      process.on('message', listener);
      for (const signal of signals) signal.addEventListener('abort', stopSoon);
      tell({ type: 'setup', setup });
      if (signals.some(({ aborted }) => aborted)) stopSoon();
    });
  } finally {
    if (listener !== undefined) process.off('message', listener);
    for (const signal of signals) signal.removeEventListener('abort', stopSoon);
  }
}

function endOf(child: ChildProcess, events: TrainerEvents): Promise<TrainerEnd> {
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-keptOutputCharacters);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const cause = new Error(`it ended by ${signal ?? code ?? 'itself'} and printed: ${output}`);
      const message = 'The process that trains ended unexpectedly. It goes on from its last checkpoint.';
      reject(new Failure('WORKER_LOST', message, {}, [], { cause }));
    });
    const tell = (message: MessageToTrainer): void => {
      send(child, message);
    };
    child.on('message', (message: MessageFromTrainer) => {
      follow(message, events, tell, { resolve, reject });
    });
  });
}

interface Outcome {
  readonly resolve: (end: TrainerEnd) => void;
  readonly reject: (error: unknown) => void;
}

/** Does what a message of the trainer asks for. */
function follow(
  message: MessageFromTrainer,
  events: TrainerEvents,
  tell: (message: MessageToTrainer) => void,
  { resolve, reject }: Outcome,
): void {
  switch (message.type) {
    case 'step':
      events.onStep(message.steps);
      return;
    case 'choosing':
      events.onChoosing(message.measured, message.networks);
      return;
    case 'logged':
      events.onLogEntry(message.entry);
      return;
    case 'checkpoint':
      events.onCheckpoint().then(() => {
        tell({ type: 'checkpoint-kept' });
      }, reject);
      return;
    case 'ended':
      resolve({ isDone: message.isDone, steps: message.steps });
      return;
    case 'failed':
      reject(fromRecord(message.error));
  }
}

/** Sends a message; one to a process that has died is lost, and its end is heard of by its close. */
function send(child: ChildProcess, message: MessageToTrainer): void {
  if (child.connected) child.send(message, () => undefined);
}

function lowerPriority({ pid }: ChildProcess, priority: number): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, priority);
  } catch {
    // It has ended already, which is heard of elsewhere.
  }
}
