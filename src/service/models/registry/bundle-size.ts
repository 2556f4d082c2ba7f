import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleFilesOf } from '../../../core/models/contract.js';
import type { RegisteredModel } from '../../../storage/models/model-registry.js';

/** The bytes that all graphs of a version take on disk. */
export async function bundleSizeBytes({ version, folder }: RegisteredModel): Promise<number> {
  const files = bundleFilesOf(version.manifest);
  const sizes = await Promise.all(
    files.map(async ({ fileName }) => (await stat(join(folder, fileName))).size),
  );
  return sizes.reduce((total, size) => total + size, 0);
}
