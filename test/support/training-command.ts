import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

interface EndedCommand {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `symface train` in a folder. @param stopOn sends the signal once this text is on stderr */
export async function runTraining(
  folder: string,
  options: readonly string[],
  stopOn?: string,
  signal?: NodeJS.Signals,
): Promise<EndedCommand> {
  return runInFolder(folder, ['train', '--threads', '1', ...options], stopOn, signal);
}

/** The compiled command line in a folder: threads that read images need it. @param stopOn as {@link runTraining} has it */
export async function runInFolder(
  folder: string,
  args: readonly string[],
  stopOn?: string,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<EndedCommand> {
  const child = spawn(process.execPath, [command, ...args], { cwd: folder });
  let [out, err] = ['', ''];
  let isStopped = false;
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => {
    err += data.toString();
    // A second one would end it at once.
    if (stopOn !== undefined && !isStopped && err.includes(stopOn)) isStopped = child.kill(signal);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** @param run the folder of the run */
export async function trainedWeights(folder: string, run: string): Promise<Uint8Array> {
  return readFile(join(folder, run, 'model', 'weights.safetensors'));
}
