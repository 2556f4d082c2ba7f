import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The path of this command line's own entry, once compiled. */
const entryPoint = fileURLToPath(new URL('../main.js', import.meta.url));

/** How a process ended: with a code, or by a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs `symface train` in a process of its own. What it prints is added to a file.
 * @param signal asks it to stop; it ends after the step that it computes, with a checkpoint
 * @throws the system's error where it cannot be started or the file cannot be written
 */
export async function trainInProcess(
  trainArguments: readonly string[],
  outputFile: string,
  signal: AbortSignal,
): Promise<ProcessEnd> {
  const output = await open(outputFile, 'a');
  try {
    const command = [...process.execArgv, entryPoint, 'train', ...trainArguments];
    const child = spawn(process.execPath, command, { stdio: ['ignore', output.fd, output.fd] });
    const stop = (): void => {
      child.kill('SIGTERM');
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    try {
      return await new Promise<ProcessEnd>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code, endSignal) => {
          resolve({ code, signal: endSignal });
        });
      });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  } finally {
    await output.close();
  }
}
