import { access } from 'node:fs/promises';
import { Failure } from '../../core/failure.js';
import type { LocatedConfiguration } from './training-configuration.js';

/**
 * Looks whether the data of a training is where its configuration says, before anything is made ready: recipes name places beside
 * themselves, where nothing is yet.
 * @throws Failure DATASET_INVALID saying where it was looked for
 */
export async function requireData({
  configuration: { data },
  pathOf,
}: Pick<LocatedConfiguration, 'configuration' | 'pathOf'>): Promise<void> {
  const path = pathOf(data.path);
  await access(path).catch((cause: unknown) => {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new Failure(
      'DATASET_INVALID',
      `There is no data at ${path} (${reason}). Say where it is: --set data.path=PATH, or data.path in the configuration.`,
      {},
      [],
      { cause },
    );
  });
}
