import { Failure } from '../core/failure.js';

/** The place in a data set where something is wrong. */
export interface DatasetLocation {
  readonly file: string;
  /** Line, counted from 1, of a text file. */
  readonly line?: number;
  /** Entry, counted from 0, of a file of images. */
  readonly entry?: number;
  /** Byte at which reading stopped. */
  readonly offset?: number;
}

/** Descriptions quote the data, which may be one long line; a status has to fit into HTTP/2 trailers. */
const maximumDescriptionLength = 300;

/** DATASET_INVALID naming the file and the place in it. */
export function datasetFailure(place: DatasetLocation, description: string, cause?: unknown): Failure {
  const { file, ...within } = place;
  const parts = Object.entries(within).map(([name, value]) => `${name} ${value}`);
  const where = [file, ...parts].join(', ');
  const metadata = Object.fromEntries(Object.entries(place).map(([name, value]) => [name, String(value)]));
  return new Failure(
    'DATASET_INVALID',
    `${where}: ${quotable(description)}.`,
    metadata,
    [],
    cause === undefined ? undefined : { cause },
  );
}

/** The description without what would steer a terminal, and not too long. */
function quotable(description: string): string {
  const start = description.slice(0, maximumDescriptionLength).replace(/\p{C}/gu, '\uFFFD');
  return description.length > maximumDescriptionLength ? `${start} …` : start;
}
