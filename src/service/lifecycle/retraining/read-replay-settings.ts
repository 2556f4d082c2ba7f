import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

import { Failure } from '../../../core/failure.js';
import {
  parseReplaySettings,
  type ReplaySettings,
} from '../../../training/configuration/data-configuration.js';

/**
 * The second data set that a retraining trains on, as the operator named it.
 *
 * @param path of a folder with one folder of tagged photographs an identity; or of a YAML file with the settings of
 *   `data.replay` (docs/training.md), its paths relative to it. Undefined where there is none
 * @param identityLimit 0 for none of it; undefined for all
 * @returns settings with absolute paths; undefined where nothing is replayed
 * @throws Failure DATASET_INVALID where it is not there; INVALID_ARGUMENT where a setting is wrong, or identities are
 *   asked for and there is no such data
 */
export async function readReplaySettings(
  path: string | undefined,
  identityLimit: number | undefined,
): Promise<ReplaySettings | undefined> {
  if (identityLimit === 0) return undefined;
  if (path === undefined) {
    if (identityLimit === undefined) return undefined;
    const message = `${identityLimit} identities are to be replayed, and the process that trains has no SYMFACE_REPLAY_DATA.`;
    throw new Failure('INVALID_ARGUMENT', message);
  }
  const settings = await settingsAt(path);
  const limits = [identityLimit, settings.identityLimit].filter((limit) => limit !== undefined);
  return limits.length === 0 ? settings : { ...settings, identityLimit: Math.min(...limits) };
}

async function settingsAt(path: string): Promise<ReplaySettings> {
  const unreadable = (cause: unknown): never => {
    const message = `The replay data: ${basename(path)} cannot be read; SYMFACE_REPLAY_DATA names it.`;
    throw new Failure('DATASET_INVALID', message, { file: basename(path) }, [], { cause });
  };
  const status = await stat(path).catch(unreadable);
  if (status.isDirectory()) return { format: 'identity-folder', path: resolve(path), kind: 'photograph' };
  const text = await readFile(path, 'utf8').catch(unreadable);
  const settings = parseReplaySettings(text, basename(path));
  const pathOf = (named: string): string => resolve(dirname(path), named);
  return {
    ...settings,
    path: pathOf(settings.path),
    ...(settings.images === undefined ? {} : { images: pathOf(settings.images) }),
    ...(settings.tags === undefined ? {} : { tags: pathOf(settings.tags) }),
  };
}
