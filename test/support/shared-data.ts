import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Photographs and reference models for tests, beside the checkout; never part of the project. */
const sharedFolder = fileURLToPath(new URL('../../../shared', import.meta.url));

/** Path in the shared folder. */
export function sharedPath(...parts: readonly string[]): string {
  return join(sharedFolder, ...parts);
}

/** Whether the shared folder is there; where not, prints why the caller's cases are skipped. */
export function hasSharedData(suite: string): boolean {
  if (existsSync(join(sharedFolder, 'models'))) return true;
  console.log(`skipped: ${suite} needs ../shared (photographs and reference models), which is absent`);
  return false;
}

/**
 * Photographs of LFW's pairs, without repeats, evenly spread over the list.
 * @returns at most `count` paths
 */
export function lfwPhotographs(count: number): readonly string[] {
  const lines = readFileSync(sharedPath('data', 'lfw', 'pairs.txt'), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const paths = new Set<string>();
  for (const line of lines) {
    const [person, number] = line.split('\t');
    if (person === undefined || number === undefined) continue;
    paths.add(sharedPath('data', 'lfw', 'images', person, `${person}_${number.padStart(4, '0')}.jpg`));
  }
  const all = [...paths];
  const step = Math.max(1, Math.floor(all.length / count));
  return all.filter((_, index) => index % step === 0).slice(0, count);
}
