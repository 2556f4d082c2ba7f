import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelKind } from '../../../storage/models/model-registry.js';
import { hasErrorCode } from '../../../storage/files/durable-files.js';

const recordSchema = z.object({ id: z.string() });

/**
 * What was activated before the database knew of it: builds up to November 2026 had a file for that.
 * @returns undefined where nothing was
 */
export async function formerlyActiveVersion(
  dataFolder: string,
  kind: ModelKind,
): Promise<string | undefined> {
  try {
    const content = await readFile(join(dataFolder, 'active', `${kind}.json`), 'utf8');
    return recordSchema.parse(JSON.parse(content)).id;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
