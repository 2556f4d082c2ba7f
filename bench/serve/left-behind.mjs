/** What a benchmark that is ended early, by Ctrl-C for example, would leave behind: services that run on, and folders. */
import { constants } from 'node:os';

const undoings = new Set();

process.on('exit', () => {
  for (const undo of [...undoings].reverse()) undo();
});
for (const signal of /** @type {const} */ (['SIGHUP', 'SIGINT', 'SIGTERM']))
  process.once(signal, () => process.exit(128 + constants.signals[signal]));

/**
 * Has something undone where this process ends before it was.
 * @param {() => void} undo at once: nothing is waited for any more
 * @returns to be called once it was undone
 */
export function undoneAtExit(undo) {
  undoings.add(undo);
  return () => undoings.delete(undo);
}
