import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A clock tick of Linux, in milliseconds. */
const tickMs = 10;
/** TCP_LISTEN, as /proc/net/tcp writes it. */
const listenState = '0A';

/** What a process and all that it started keep in memory, in MiB (Linux); 0 of one that has ended. */
export function residentMebibytes(processId: number): number {
  const own = /VmRSS:\s+(\d+)/u.exec(readProcessFile(processId, 'status'))?.[1] ?? '0';
  return childrenOf(processId).reduce((sum, child) => sum + residentMebibytes(child), Number(own) / 1024);
}

/** The processor time that a process and its threads have used, without that of its children, in ms (Linux). */
export function cpuMs(processId: number): number {
  const fields = readProcessFile(processId, 'stat').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * tickMs;
}

/**
 * The processor time of a process and of all that it started, also of those that have ended and were waited for, in ms (Linux).
 * Of a child that nobody waited for yet there is what it used so far.
 */
export function cpuOfAllMs(processId: number): number {
  const fields = readProcessFile(processId, 'stat').split(') ')[1]?.split(' ') ?? [];
  const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * tickMs;
  return childrenOf(processId).reduce((sum, child) => sum + cpuOfAllMs(child), own);
}

/** How many files and sockets a process has open (Linux). */
export function openFileCount(processId: number): number {
  return namesIn(`/proc/${processId}/fd`).length;
}

/** At how many addresses a process listens over TCP (Linux). */
export function listenerCount(processId: number): number {
  const listening = ['net/tcp', 'net/tcp6'].flatMap((table) =>
    readProcessFile(processId, table)
      .split('\n')
      .map((line) => line.trim().split(/\s+/u))
      .filter(([, , , state]) => state === listenState)
      .map((fields) => `socket:[${fields[9] ?? ''}]`),
  );
  const sockets = new Set(listening);
  return namesIn(`/proc/${processId}/fd`).filter((name) => sockets.has(linkIn(processId, name))).length;
}

export function childrenOf(processId: number): readonly number[] {
  return namesIn(`/proc/${processId}/task`).flatMap((task) =>
    readProcessFile(processId, `task/${task}/children`).trim().split(/\s+/u).filter(Boolean).map(Number),
  );
}

/** What a process was started with, and its state (Linux). */
export function commandOf(processId: number): string {
  const state = /State:\s+(.*)/u.exec(readProcessFile(processId, 'status'))?.[1] ?? 'ended';
  return `${readProcessFile(processId, 'cmdline').replaceAll('\0', ' ').trim()} (${state})`;
}

/** Whether a process runs: one that has ended and that nobody has asked about does not (Linux). */
export function isRunning(processId: number): boolean {
  const state = readProcessFile(processId, 'stat').split(') ')[1]?.charAt(0);
  return state !== undefined && state !== 'Z' && state !== 'X';
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What a descriptor stands for; empty where it is closed. */
function linkIn(processId: number, descriptor: string): string {
  try {
    return readlinkSync(`/proc/${processId}/fd/${descriptor}`);
  } catch {
    return '';
  }
}

function readProcessFile(processId: number, name: string): string {
  try {
    return readFileSync(`/proc/${processId}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
