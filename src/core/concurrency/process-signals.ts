/** Sent to every process of a terminal: when it is closed, at Ctrl-C, at Ctrl-\. */
const ofTerminal = ['SIGHUP', 'SIGINT', 'SIGQUIT'] as const;
/**
 * Others give them a meaning (to open a log anew, to tell of threads), and rotate logs by them at night. For Node, SIGUSR1 is the order
 * to listen for a debugger, which runs whatever anybody of the machine tells it, and SIGUSR2 the order to end.
 */
const meaningless = ['SIGUSR1', 'SIGUSR2'] as const;

/**
 * What a process is told by that it is to end in good order. A terminal that is closed ends what was begun there; without one SIGHUP is
 * another program's word for reading settings again, and `nohup`'s, whose SIGHUP Node has forgotten to ignore.
 */
export function endingSignals(hasTerminal: boolean): readonly NodeJS.Signals[] {
  return [...(hasTerminal ? (['SIGHUP'] as const) : []), 'SIGINT', 'SIGQUIT', 'SIGTERM'];
}

/** Has signals that mean nothing here do nothing: Node would listen for a debugger, or end. */
export function passOverMeaninglessSignals(hasTerminal: boolean): void {
  passOver(hasTerminal ? meaningless : [...meaningless, 'SIGHUP']);
}

/** Has this process, a child, go on at whatever a terminal sends to all of its processes: the parent decides when it ends. */
export function leaveSignalsToParent(): void {
  passOver([...meaningless, ...ofTerminal]);
}

function passOver(signals: readonly NodeJS.Signals[]): void {
  for (const signal of signals) process.on(signal, () => undefined);
}
