/**
 * Resolves at the first SIGINT or SIGTERM. Later ones change nothing: a terminal and `npm start` may both send one, and
 * what they wait for has a bound of its own.
 */
export function nextStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        resolve();
      });
    }
  });
}
