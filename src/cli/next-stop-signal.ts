import { endingSignals } from '../core/concurrency/process-signals.js';
import { hasTerminal, leaveClosedTerminal } from './leave-terminal.js';

/**
 * Resolves at the first signal that tells this process to end. Later ones change nothing: a terminal and `npm start` may both
 * send one, and what they wait for has a bound of its own.
 */
export function nextStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of endingSignals(hasTerminal())) {
      process.on(signal, () => {
        resolve();
      });
    }
    if (hasTerminal()) process.once('SIGHUP', leaveClosedTerminal);
  });
}
