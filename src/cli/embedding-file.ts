import { readFile } from 'node:fs/promises';
import { CommandFailure } from './command-failure.js';
import { errorCode } from './image-file.js';

/** An embedding that was made before. */
export interface EmbeddingOfFile {
  /** The photograph that it is of, as the file says; of several faces with their number. */
  readonly file: string;
  readonly embedding: { readonly values: number[]; readonly modelVersion: string };
}

/**
 * Reads what `symface embed --json` printed: one object a line.
 * @throws CommandFailure where a line is something else or reports a failure, or none holds an embedding
 */
export async function readEmbeddingFile(path: string): Promise<readonly EmbeddingOfFile[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CommandFailure(`Cannot read the embeddings ${path} (${errorCode(cause)}).`, { cause });
  });
  const lines = text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [{ line, number: index + 1 }]));
  const embeddings = lines.flatMap(({ line, number }) => embeddingsOf(line, `${path}, line ${number}`));
  if (embeddings.length > 0) return embeddings;
  throw new CommandFailure(
    `There is no embedding in ${path}. "symface embed --json" prints what is expected.`,
  );
}

function embeddingsOf(line: string, place: string): readonly EmbeddingOfFile[] {
  const record = parsed(line, place);
  const { file, modelVersion, embeddings, error } = record;
  if (error !== undefined)
    throw notAnEmbedding(place, `reports the failure of ${String(file)}; leave it out`);
  if (typeof modelVersion !== 'string' || !Array.isArray(embeddings))
    throw notAnEmbedding(place, 'has no modelVersion or no embeddings');
  const name = typeof file === 'string' ? file : place;
  return embeddings.map((embedding: unknown, index) => {
    const values = isRecord(embedding) ? embedding['values'] : undefined;
    if (!isNumbers(values)) throw notAnEmbedding(place, 'has an embedding without numbers as its values');
    const label = embeddings.length === 1 ? name : `${name}#${index + 1}`;
    return { file: label, embedding: { values, modelVersion } };
  });
}

function parsed(line: string, place: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (isRecord(value)) return value;
  } catch {
    // Said below.
  }
  throw notAnEmbedding(place, 'is no JSON object');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}

function notAnEmbedding(place: string, what: string): CommandFailure {
  return new CommandFailure(`${place} ${what}. "symface embed --json" prints what is expected.`);
}
