import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Nothing takes so long: a folder as old as this was left, whoever has the number of its process now. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;
const namePattern = /^symface-work-(?<pid>\d+)-/u;

/** Runs work that needs a folder of its own under the system's temporary one, and removes it. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `symface-work-${process.pid}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes what killed processes have left of {@link withTemporaryFolder}; what cannot be removed stays. */
export async function removeLeftTemporaryFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = namePattern.exec(name)?.groups?.['pid'];
    if (pid === undefined) continue;
    const folder = join(tmpdir(), name);
    if (await isInUse(Number(pid), folder)) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isInUse(pid: number, folder: string): Promise<boolean> {
  // Nothing of this process is there when it starts: an earlier one had its number, as in a container.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const modified = await stat(folder).catch(() => undefined);
  return modified !== undefined && Date.now() - modified.mtimeMs < abandonedAfterMs;
}
