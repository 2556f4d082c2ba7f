/** The service under test as a process of its own, and what the system says of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { undoneAtExit } from './left-behind.mjs';

const ownCommand = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const models = fileURLToPath(new URL('../../.symface/models', import.meta.url));

/**
 * Starts the service on the given ports and waits until it is ready.
 * @param settings variables of its environment
 * @param {{ nodeArguments?: string[], stderr?: import('node:child_process').StdioNull | import('node:child_process').StdioPipe, command?: string }} options
 *   arguments of Node before the command, the command where it is not of this checkout, and what is to become of its log
 */
export async function startService(grpcPort, httpPort, settings = {}, options = {}) {
  const { nodeArguments = [], stderr = 'inherit', command = ownCommand } = options;
  const child = spawn(process.execPath, [...nodeArguments, command, 'serve'], {
    env: {
      ...process.env,
      SYMFACE_GRPC_PORT: String(grpcPort),
      SYMFACE_HTTP_PORT: String(httpPort),
      SYMFACE_LOG_LEVEL: 'warn',
      ...settings,
    },
    stdio: ['ignore', 'ignore', stderr],
  });
  // Its workers and trainers end with it.
  child.once(
    'exit',
    undoneAtExit(() => child.kill('SIGKILL')),
  );
  const httpUrl = `http://127.0.0.1:${httpPort}`;
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`the service ended with exit code ${child.exitCode}`);
    const ready = await fetch(`${httpUrl}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return { child, httpUrl, stop: () => stopService(child) };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error('the service was not ready after 60 s');
}

/** A new data folder with the models that were prepared in this checkout. @returns it, and what removes it */
export async function newDataFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'symface-bench-'));
  const removed = undoneAtExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  await cp(models, join(folder, 'models'), { recursive: true });
  const remove = async () => {
    await rm(folder, { recursive: true });
    removed();
  };
  return { folder, remove };
}

/** A port that nothing listens on: another benchmark may run beside this one. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

async function stopService(child) {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

/** Resident memory of the gateway and its workers, in MiB (Linux). */
export function residentMebibytes(processId) {
  const own =
    Number(/VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  return childrenOf(processId).reduce((sum, child) => sum + residentMebibytes(child), own);
}

/** CPU time that a process and its threads have used, in ms (Linux, whose clock ticks are 10 ms). */
export function cpuMs(processId) {
  const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function childrenOf(processId) {
  return readdirSync(`/proc/${processId}/task`).flatMap((task) =>
    readFileSync(`/proc/${processId}/task/${task}/children`, 'utf8').trim().split(/\s+/u).filter(Boolean),
  );
}

/** What a metric without labels says. */
export async function metricOf(httpUrl, name) {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'mu').exec(text)?.[1]);
}

/** Longest event-loop delay of the gateway since the last call, in ms; each scrape begins anew. */
export async function longestStallMs(httpUrl) {
  return (await metricOf(httpUrl, 'nodejs_eventloop_lag_max_seconds')) * 1000;
}

/** CPU time of the gateway and of its workers together, in ms. */
export function processTreeCpuMs(processId) {
  return {
    gateway: cpuMs(processId),
    workers: childrenOf(processId).reduce((sum, child) => sum + cpuMs(child), 0),
  };
}
