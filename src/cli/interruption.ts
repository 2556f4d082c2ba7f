import { endingSignals } from '../core/concurrency/process-signals.js';
import { launchedProcess } from '../training/parallel/launched-process.js';
import { hasTerminal, leaveClosedTerminal } from './leave-terminal.js';

/**
 * Calls back where this process is to end in good order: at what tells every process to ({@link endingSignals}), and at what a
 * launcher such as `mpirun` says it by. A second signal ends a process that is alone as it does without this; among several it calls back once more,
 * since one request of a launcher is several signals.
 * @returns to be called when nobody listens any more
 */
export function onStopSignal(listener: () => void): () => void {
  const launched = launchedProcess(process.env);
  const names = launched?.stopSignals ?? endingSignals(hasTerminal());
  for (const name of names) {
    if (launched === undefined) process.once(name, listener);
    else process.on(name, listener);
  }
  const leavesTerminal = names.includes('SIGHUP');
  if (leavesTerminal) process.once('SIGHUP', leaveClosedTerminal);
  return () => {
    if (leavesTerminal) process.off('SIGHUP', leaveClosedTerminal);
    for (const name of names) process.off(name, listener);
  };
}

/** Runs `use` with a signal that fires where this process is to end, so that it can end in good order. */
export async function interruptible<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const leave = onStopSignal(() => {
    controller.abort();
  });
  try {
    return await use(controller.signal);
  } finally {
    leave();
  }
}
