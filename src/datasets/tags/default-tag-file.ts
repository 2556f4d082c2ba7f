import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The path of the tags unless something else is said: in the data set's folder, or beside its file. */
export async function defaultTagFile(path: string): Promise<string> {
  const status = await stat(path);
  return status.isDirectory() ? join(path, 'tags.jsonl') : `${path}.tags.jsonl`;
}
