/** The service under test as a process of its own, and what the system says of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Starts the service on the given ports and waits until it is ready. @param settings variables of its environment */
export async function startService(grpcPort, httpPort, settings = {}) {
  const child = spawn(process.execPath, [command, 'serve'], {
    env: {
      ...process.env,
      SYMFACE_GRPC_PORT: String(grpcPort),
      SYMFACE_HTTP_PORT: String(httpPort),
      SYMFACE_LOG_LEVEL: 'warn',
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
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

/** Longest event-loop delay of the gateway since the last call, in ms; each scrape begins anew. */
export async function longestStallMs(httpUrl) {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/mu.exec(text)?.[1]) * 1000;
}
