import { createReadStream } from 'node:fs';
import { basename, dirname } from 'node:path';
import { CsvError, parse } from 'csv-parse';
import { Failure } from '../../../core/failure.js';
import { datasetFailure } from '../../dataset-failure.js';
import { requireDatasetFile, unreadable } from '../../dataset-file.js';
import { facesInFiles, type IdentityImage } from '../faces-in-files.js';
import type { IdentityFormat } from '../identity-format.js';
import { requireImages, requireInside } from '../image-folder.js';
import { maximumListBytes } from '../../text-lines.js';

/** A row beyond is an open quote, or no list. */
const maximumRowBytes = 64 * 1024;
const requiredColumns = ['file', 'identity'] as const;

type Row = Readonly<Record<string, string | undefined>>;

interface ListedImage extends IdentityImage {
  readonly line: number;
}

/**
 * A list of images and whom they show: a table with the columns `file` and `identity`, separated by tabs or commas.
 * Every file is looked for first: one that is missing must not silently shrink the data.
 */
export const identityList = {
  name: 'identity-list',
  shortName: 'list',
  takes: ['imageFolder'],
  open: async ({ path, imageFolder = dirname(path) }) =>
    facesInFiles(imageFolder, await listImages(path, imageFolder)),
} as const satisfies IdentityFormat;

/** @throws Failure DATASET_INVALID naming the line */
async function listImages(list: string, folder: string): Promise<readonly IdentityImage[]> {
  const file = basename(list);
  const images = await readRows(list);
  if (images.length === 0) throw datasetFailure({ file }, 'holds no image');
  const lines = new Map<string, number>();
  for (const { name, line } of images) {
    requireInside(name, file, line);
    const earlier = lines.get(name);
    if (earlier !== undefined)
      throw datasetFailure({ file, line }, `names ${name} again, after line ${earlier}`);
    lines.set(name, line);
  }
  await requireImages(
    folder,
    file,
    images,
    images.map(({ line }) => line),
  );
  return images;
}

async function readRows(path: string): Promise<readonly ListedImage[]> {
  const file = basename(path);
  await requireDatasetFile(path, maximumListBytes);
  const rows = parse({
    columns: (heading: string[]) => checkedHeading(file, heading),
    delimiter: ['\t', ','],
    bom: true,
    trim: true,
    skip_empty_lines: true,
    max_record_size: maximumRowBytes,
    on_record: (row: Row, { lines }: { lines: number }) => imageOf(file, row, lines),
  });
  const source = createReadStream(path);
  source.on('error', (error) => rows.destroy(error)).pipe(rows);
  try {
    const images: ListedImage[] = [];
    for await (const image of rows) images.push(image as ListedImage);
    return images;
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (error instanceof CsvError) throw datasetFailure({ file }, `is no table: ${error.message}`, error);
    throw unreadable(path, error);
  } finally {
    source.destroy();
  }
}

function checkedHeading(file: string, heading: string[]): string[] {
  const missing = requiredColumns.filter((column) => !heading.includes(column));
  if (missing.length === 0) return heading;
  throw datasetFailure({ file, line: 1 }, `lacks the columns ${missing.join(', ')}`);
}

function imageOf(file: string, { file: name = '', identity = '' }: Row, line: number): ListedImage {
  if (name !== '' && identity !== '') return { name, identity, line };
  throw datasetFailure({ file, line }, 'must hold a file and an identity');
}
