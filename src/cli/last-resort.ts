/** What a process may take to end beside answering its calls: a minute for the checkpoint of a job in hand, and the rest. */
const graceMs = 70_000;
/** Once all is closed, nothing is left to wait for. */
const closedGraceMs = 2_000;
/** What a start that is told to end may take to come to its own end: one that is nearly done is then closed in good order. */
const startGraceMs = 1_000;

type Exit = (status: number) => void;

const exitProcess: Exit = process.exit.bind(process);

/**
 * Ends the process where its end takes longer than it may: something that nobody thought of would hold it for ever, and with
 * it whoever restarts it. The process that ends in time hears nothing of it.
 * @param expectedMs how long its calls may take to be answered by its settings
 * @param tell told what the process still holds
 */
export function endInAnyCase(
  expectedMs: number,
  tell: (line: string) => void,
  exit: Exit = exitProcess,
): void {
  cutOff(
    expectedMs + graceMs,
    `the process has not ended ${(expectedMs + graceMs) / 1000} s after it was told to`,
    1,
    { tell, exit },
  );
}

/** Ends a process that has closed all that it had, where something still holds it. */
export function endOnceClosed(tell: (line: string) => void, exit: Exit = exitProcess): void {
  cutOff(closedGraceMs, 'all is closed, and something holds the process still', 0, { tell, exit });
}

/**
 * Starts a process, and ends it soon where it is told to end meanwhile: it has accepted nothing that it would have to finish, what it
 * writes outlives a kill, and what it waits for, such as a database, may never answer.
 * @throws what `start` throws
 */
export async function startUnlessStopped<T>(
  start: () => Promise<T>,
  stopSignal: Promise<void>,
  tell: (line: string) => void,
  exit: Exit = exitProcess,
): Promise<T> {
  let isStarting = true;
  void stopSignal.then(() => {
    setTimeout(() => {
      if (!isStarting) return;
      tell('symface: told to end before it had started.');
      exit(0);
    }, startGraceMs).unref();
  });
  try {
    return await start();
  } finally {
    isStarting = false;
  }
}

function cutOff(
  afterMs: number,
  why: string,
  status: number,
  { tell, exit }: { readonly tell: (line: string) => void; readonly exit: Exit },
): void {
  setTimeout(() => {
    tell(`${why}: it is cut off. It still held: ${process.getActiveResourcesInfo().join(', ')}`);
    exit(status);
  }, afterMs).unref();
}
