/** What a gateway may take to end beyond its drain: for the checkpoint of a job in hand, and for closing the database. */
const graceMs = 30_000;

/**
 * Ends the process where its end takes longer than it may: something that nobody thought of would hold it for ever, and with
 * it whoever restarts it. The process that ends in time hears nothing of it.
 * @param expectedMs how long its end may take by its settings
 * @param tell told what the process still holds
 */
export function endInAnyCase(
  expectedMs: number,
  tell: (line: string) => void,
  exit: (status: number) => void = process.exit.bind(process),
): void {
  setTimeout(() => {
    const held = process.getActiveResourcesInfo().join(', ');
    tell(
      `the process has not ended ${(expectedMs + graceMs) / 1000} s after it was told to: it is cut off. It still held: ${held}`,
    );
    exit(1);
  }, expectedMs + graceMs).unref();
}
