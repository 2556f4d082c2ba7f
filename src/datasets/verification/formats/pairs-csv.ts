import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse';
import { Failure } from '../../../core/failure.js';
import type { DatasetImageKind, VerificationDataset } from '../../../core/protocols/benchmark-dataset.js';
import { datasetFailure } from '../../dataset-failure.js';
import { requireDatasetFile, unreadable } from '../../dataset-file.js';
import { folderDataset, type ListedPair } from '../../identities/image-folder.js';
import { maximumLines, maximumListBytes, tooManyLines } from '../../text-lines.js';
import type { VerificationFormat } from '../verification-format.js';

/** The order of a table means nothing: it may be sorted by kind. */
const foldCount = 1;
/** A row beyond is an open quote, or no list of pairs. */
const maximumRowBytes = 64 * 1024;
/** Parsing takes ten milliseconds for so many; between them the gateway serves. */
const chunkBytes = 16 * 1024;
const requiredColumns = ['image_a', 'image_b', 'same'] as const;

type Row = Readonly<Record<string, string | undefined>>;

export const pairsCsv = {
  name: 'pairs-csv',
  shortName: 'csv',
  takesImageFolder: true,
  read: ({ path, imageFolder, imageKind }) => readPairsCsv(path, imageFolder, imageKind),
} as const satisfies VerificationFormat;

/**
 * A list of one's own: a CSV file with the columns `image_a`, `image_b`, `same` (1 or 0), and, where persons are known,
 * `identity_a` and `identity_b`. Paths are relative to the folder of images. Ten contiguous folds.
 * @throws Failure DATASET_INVALID naming the line
 */
export async function readPairsCsv(
  list: string,
  folder: string,
  kind: DatasetImageKind,
): Promise<VerificationDataset> {
  const file = basename(list);
  const listed = await readRows(file, list);
  return folderDataset(folder, file, listed, kind, foldCount);
}

async function readRows(file: string, path: string): Promise<readonly ListedPair[]> {
  await requireDatasetFile(path, maximumListBytes);
  const columns = (heading: string[]): string[] => {
    const missing = requiredColumns.filter((column) => !heading.includes(column));
    if (missing.length === 0) return heading;
    throw datasetFailure({ file, line: 1 }, `lacks the columns ${missing.join(', ')}`);
  };
  // Each row becomes a pair as it comes: all rows at once take far more memory than the file.
  const toPair = (row: Row, { lines, records }: { lines: number; records: number }): ListedPair => {
    if (records > maximumLines) throw tooManyLines(file);
    return pairOf(file, row, lines);
  };
  const rows = parse({
    columns,
    bom: true,
    trim: true,
    skip_empty_lines: true,
    max_record_size: maximumRowBytes,
    on_record: toPair,
  });
  const source = createReadStream(path, { highWaterMark: chunkBytes });
  source.on('error', (error) => rows.destroy(error)).pipe(rows);
  try {
    const listed: ListedPair[] = [];
    for await (const pair of rows) listed.push(pair as ListedPair);
    return listed;
  } catch (error) {
    throw rowFailure(file, path, error);
  } finally {
    source.destroy();
  }
}

function rowFailure(file: string, path: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  if (!(cause instanceof CsvError)) return unreadable(path, cause);
  const { lines } = cause as CsvError & { readonly lines?: number };
  return datasetFailure({ file, ...(lines !== undefined && { line: lines }) }, cause.message, cause);
}

function pairOf(file: string, row: Row, line: number): ListedPair {
  const { image_a: first = '', image_b: second = '', same } = row;
  if (same !== '0' && same !== '1') throw datasetFailure({ file, line }, '"same" must be 1 or 0');
  const identity = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
  return {
    first: { name: first, identity: identity(row['identity_a']) },
    second: { name: second, identity: identity(row['identity_b']) },
    genuine: same === '1',
    line,
  };
}
