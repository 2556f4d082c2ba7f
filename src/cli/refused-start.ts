import { describeError } from './describe-error.js';
import { EXIT_ERROR } from './exit-code.js';
import type { Session } from './session.js';

/**
 * Starts a process whose log is lines of JSON. Where it is refused and no person watches, that is such a line too, so that who reads
 * the log by a program learns of it; a person is told in words.
 * @returns undefined where it is refused
 * @throws what `start` throws where a person watches
 */
export async function tellWhereRefused<T>(session: Session, start: () => Promise<T>): Promise<T | undefined> {
  try {
    return await start();
  } catch (error) {
    if (session.terminal.isInteractive) throw error;
    const { createLogger } = await import('../service/platform/telemetry/logger.js');
    const standardError = {
      write: (line: string): void => {
        session.terminal.err(line.trimEnd());
      },
    };
    const log = createLogger('error', standardError);
    log.error({ err: error }, `the start is refused: symface: ${describeError(error)}`);
    session.exitCode = EXIT_ERROR;
    return undefined;
  }
}
