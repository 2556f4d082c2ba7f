const stopSignals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs `use` with a signal that fires at the first Ctrl-C or SIGTERM, so that it can end in good order. The second one
 * ends the process as it does without this.
 */
export async function interruptible<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (): void => {
    controller.abort();
  };
  for (const name of stopSignals) process.once(name, interrupt);
  try {
    return await use(controller.signal);
  } finally {
    for (const name of stopSignals) process.removeListener(name, interrupt);
  }
}
