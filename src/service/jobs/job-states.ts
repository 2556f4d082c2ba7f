import { setTimeout as sleep } from 'node:timers/promises';

/** A worker tells its progress every few seconds. */
const watchIntervalMs = 500;

/**
 * The states of a job, each once, until it has ended. Looked at again and again: the worker may be another process, which
 * tells the database only.
 * @param read the message now, and whether that is its end
 */
export async function* jobStates<Message>(
  read: () => Promise<{ readonly message: Message; readonly hasEnded: boolean }>,
): AsyncGenerator<Message> {
  let last = '';
  for (;;) {
    const { message, hasEnded } = await read();
    const now = JSON.stringify(message);
    if (now !== last) yield message;
    if (hasEnded) return;
    last = now;
    await sleep(watchIntervalMs);
  }
}
