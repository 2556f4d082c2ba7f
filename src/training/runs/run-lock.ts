import { randomUUID } from 'node:crypto';
import { readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Failure } from '../../core/failure.js';
import { hasErrorCode, storageFailure } from '../../storage/files/durable-files.js';

const lockFile = 'run.lock';
/** Often enough for the limit below, though a step may hold up the process for a minute. */
const touchEveryMs = 30_000;
/** Where the holder is on another machine nobody can ask for it: it is taken for dead when it has been silent for so long. */
const silentMs = 15 * 60_000;
/** Longer than the name of a holder takes to be written. */
const writingMs = 500;

const holderSchema = z.object({
  host: z.string(),
  processId: z.number().int(),
  /** When the process began, as the system counts it; null where it does not say. Numbers of processes are used again. */
  processStart: z.string().nullable(),
  /** Another one for each lock. */
  id: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

/**
 * Does something in a run's folder that no other process may do there meanwhile. What a process that is dead has left is taken over.
 * @param work is told whether the folder was made for it; where it then leaves nothing in it, the folder is removed
 * @throws Failure RUN_IN_USE naming who has it; STORAGE_FULL; what the work throws
 */
export async function withLockedRun<Result>(
  folder: string,
  work: (isNew: boolean) => Promise<Result>,
): Promise<Result> {
  const path = join(folder, lockFile);
  const holder: Holder = {
    host: hostname(),
    processId: process.pid,
    processStart: processStart(process.pid),
    id: randomUUID(),
  };
  const isNew = await take(path, folder, holder).catch((error: unknown) => {
    throw storageFailure(error, path);
  });
  const touch = setInterval(() => {
    // A disk that is full, or a folder that was removed, is told by what the work writes.
    utimes(path, new Date(), new Date()).catch(() => undefined);
  }, touchEveryMs).unref();
  // A second signal ends the process at once.
  const release = (): void => {
    releaseNow(path, holder);
    if (isNew) removeEmpty(folder);
  };
  process.once('exit', release);
  try {
    return await work(isNew);
  } finally {
    clearInterval(touch);
    process.off('exit', release);
    release();
  }
}

/** @returns whether it made the folder */
async function take(path: string, folder: string, holder: Holder): Promise<boolean> {
  const isNew = (await mkdir(folder, { recursive: true })) !== undefined;
  // A lock that is taken over is gone at the second attempt, unless others want the folder too.
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(path, JSON.stringify(holder), { flag: 'wx' });
      return isNew;
    } catch (error) {
      if (!hasErrorCode(error, 'EEXIST')) throw error;
    }
    const text = await readFile(path, 'utf8').catch(() => '');
    const other = parsed(text);
    if (other !== undefined && (await isAlive(path, other))) throw inUse(folder, other);
    if (other === undefined && (await isBeingWritten(path, text))) continue;
    await removeStale(path, text);
  }
  throw inUse(folder, undefined);
}

/** Whether a lock that cannot be read changes within a moment: it is made first, and its holder's name written to it then. */
async function isBeingWritten(path: string, text: string): Promise<boolean> {
  await sleep(writingMs);
  return (await readFile(path, 'utf8').catch(() => '')) !== text;
}

/** Removes a lock, unless it has become another one's meanwhile. */
async function removeStale(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) === text) await rm(aside, { force: true });
  else await rename(aside, path);
}

async function isAlive(path: string, { host, processId, processStart: start }: Holder): Promise<boolean> {
  if (host !== hostname()) {
    const touched = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    return Date.now() - touched < silentMs;
  }
  try {
    process.kill(processId, 0);
  } catch (error) {
    return hasErrorCode(error, 'EPERM');
  }
  const startNow = processStart(processId);
  if (process.platform === 'linux' && startNow === null) return false;
  return start === null || start === startNow;
}

/**
 * The 22nd field of /proc/PID/stat: clock ticks from the system's start to the process's. None of a process that has ended and that its
 * parent has not asked about: where the first process of a container asks about nobody's, it would be there for ever.
 */
function processStart(processId: number): string | null {
  try {
    const text = readFileSync(`/proc/${processId}/stat`, 'utf8');
    // The second field is a name in parentheses, which may hold anything.
    const [state = '', ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(state) ? null : (fields[18] ?? null);
  } catch {
    return null;
  }
}

function releaseNow(path: string, { id }: Holder): void {
  try {
    if (parsed(readFileSync(path, 'utf8'))?.id === id) unlinkSync(path);
  } catch {
    // It is gone, or was taken over since this process was silent.
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // There is something in it.
  }
}

function parsed(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    // Its writer was killed in between.
    return undefined;
  }
}

function inUse(folder: string, holder: Holder | undefined): Failure {
  const who = holder === undefined ? 'another process' : `the process ${holder.processId} on ${holder.host}`;
  return new Failure(
    'RUN_IN_USE',
    `${folder} is trained in by ${who}. Wait for its end, stop it, or choose another folder for the run.`,
    holder === undefined ? {} : { process_id: String(holder.processId), host: holder.host },
  );
}
