import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyDatabaseTemplate } from './database-template.js';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
/** Of one on a software GPU. */
const startTimeoutMs = 180_000;
/** The embedded database's code is compiled once, and not again for speed that no test needs: a second of a processor. */
const quickDatabaseStart = ['--liftoff-only'];

/** The service as its users run it: `symface serve`, as a process of its own. */
export interface RunningServer {
  readonly address: string;
  readonly httpUrl: string;
  readonly dataFolder: string;
  readonly process: ChildProcess;
  /** What it has printed on standard output and error so far. */
  readonly output: () => string;
  /** Ends it with SIGTERM, waits, and removes its data. @returns its exit code */
  stop(): Promise<number | null>;
  /** Ends it with SIGKILL, waits, and starts another on its data. @param meanwhile what is done to the data before */
  killAndRestart(meanwhile?: () => Promise<void>): Promise<RunningServer>;
}

/**
 * Starts the built service on free loopback ports with a copy of the prepared models, so that what a test
 * imports or activates is gone afterwards. Unless the settings say otherwise it has one worker, whose start costs half a
 * second for each model that it serves, and trains in one thread: several spin while they wait for each other.
 * @param settings environment variables beside the defaults
 * @param prepare what is to be done in its data folder first
 * @param isReady asks whether it serves, of a service that does not tell everybody
 * @param launcher a program, with its arguments, that is to start it and become it
 */
export async function startRunningServer(
  settings: Readonly<Record<string, string>> = {},
  prepare: (dataFolder: string) => Promise<void> = () => Promise.resolve(),
  isReady: (httpUrl: string) => Promise<boolean> = answersAsReady,
  launcher: readonly string[] = [],
): Promise<RunningServer> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'symface-test-'));
  await cp(join(projectFolder, '.symface/models'), join(dataFolder, 'models'), { recursive: true });
  if (settings['DATABASE_URL'] === undefined) await copyDatabaseTemplate(dataFolder);
  await prepare(dataFolder);
  return serverOn(dataFolder, settings, isReady, launcher);
}

async function serverOn(
  dataFolder: string,
  settings: Readonly<Record<string, string>>,
  isReady: (httpUrl: string) => Promise<boolean>,
  launcher: readonly string[],
): Promise<RunningServer> {
  const [grpcPort, httpPort] = await freePorts(2);
  const args = [...quickDatabaseStart, join(projectFolder, 'dist/cli/main.js'), 'serve'];
  const [program = '', ...programArgs] = [...launcher, process.execPath, ...args];
  const child = spawn(program, programArgs, {
    env: {
      ...process.env,
      SYMFACE_DATA_DIR: dataFolder,
      SYMFACE_GRPC_PORT: String(grpcPort),
      SYMFACE_HTTP_PORT: String(httpPort),
      SYMFACE_LOG_LEVEL: 'warn',
      SYMFACE_ACCESS_LOG: 'off',
      SYMFACE_WORKERS: '1',
      SYMFACE_TRAINING_THREADS: '1',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const httpUrl = `http://127.0.0.1:${httpPort}`;
  const server: RunningServer = {
    address: `127.0.0.1:${grpcPort}`,
    httpUrl,
    dataFolder,
    process: child,
    output: () => output,
    stop: async () => {
      const exitCode = await end(child);
      await rm(dataFolder, { recursive: true, force: true });
      return exitCode;
    },
    killAndRestart: async (meanwhile) => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await meanwhile?.();
      return serverOn(dataFolder, settings, isReady, launcher);
    },
  };
  try {
    await becomesReady(child, httpUrl, isReady);
  } catch (error) {
    await server.stop();
    throw new Error(`the service did not start; it printed:\n${output}`, { cause: error });
  }
  return server;
}

async function answersAsReady(httpUrl: string): Promise<boolean> {
  return (await fetch(`${httpUrl}/readyz`)).ok;
}

async function becomesReady(
  child: ChildProcess,
  httpUrl: string,
  isReady: (httpUrl: string) => Promise<boolean>,
): Promise<void> {
  const giveUpAtMs = Date.now() + startTimeoutMs;
  while (Date.now() < giveUpAtMs) {
    if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`);
    if (await isReady(httpUrl).catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it was not ready after ${startTimeoutMs} ms`);
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
  return child.exitCode;
}

/** Ports that nothing listened on a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map(async (server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the probe has no port');
    return address.port;
  });
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')));
  return ports;
}
