/** What a benchmark that is ended early, by Ctrl-C for example, would leave behind: services that run on, and folders. */

const undoings = new Set();

process.on('exit', () => {
  for (const undo of [...undoings].reverse()) undo();
});
for (const [signal, number] of [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
])
  process.once(signal, () => process.exit(128 + number));

/**
 * Has something undone where this process ends before it was.
 * @param {() => void} undo at once: nothing is waited for any more
 * @returns to be called once it was undone
 */
export function undoneAtExit(undo) {
  undoings.add(undo);
  return () => undoings.delete(undo);
}
