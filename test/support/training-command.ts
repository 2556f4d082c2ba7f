import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as commandLine from '../../src/cli/program.js';
import { RecordingTerminal } from './recording-terminal.js';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const program = fileURLToPath(new URL('../../dist/cli/program.js', import.meta.url));

interface EndedCommand {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `symface train` in a folder, in this process. */
export async function runTraining(folder: string, options: readonly string[]): Promise<EndedCommand> {
  return runInFolder(folder, trainArguments(options));
}

/** As {@link runTraining}, in a process of its own. @param stopOn sends the signal once this text is on stderr */
export async function runTrainingProcess(
  folder: string,
  options: readonly string[],
  stopOn?: string,
  signal?: NodeJS.Signals,
): Promise<EndedCommand> {
  return runProcess(folder, trainArguments(options), stopOn, signal);
}

/**
 * The compiled command line (threads that read images need it) as if its process were in a folder. It is run in this
 * process: starting another takes as long as a short training.
 * @param settings variables of its environment beside this one's
 */
export async function runInFolder(
  folder: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<EndedCommand> {
  const { runCommandLine } = (await import(program)) as typeof commandLine;
  const terminal = new RecordingTerminal();
  const formerFolder = process.cwd();
  const formerEnvironment = process.env;
  process.chdir(folder);
  process.env = { ...formerEnvironment, ...settings };
  try {
    const code = await runCommandLine(args, terminal);
    return { code, out: terminal.outLines.join('\n'), err: terminal.errLines.join('\n') };
  } finally {
    process.env = formerEnvironment;
    process.chdir(formerFolder);
  }
}

function trainArguments(options: readonly string[]): string[] {
  return ['train', '--threads', '1', ...options];
}

async function runProcess(
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
