import { basename } from 'node:path';
import { datasetFailure } from '../dataset-failure.js';
import { type ImageRecord, labelledBytes, parseImageRecord } from './image-record.js';
import { RecordIndex } from './record-index.js';
import { RecordIoFile, type RecordPosition } from './record-io.js';

/** Reads of record headers that wait at a time. */
const readsAtATime = 64;
const unknownLabel = -1;
/** Labels are 32-bit floats, which tell whole numbers from each other up to here. */
const maximumLabel = 2 ** 24;

/** Faces of InsightFace's training sets, by index; columns, since a set has millions. */
export interface InsightFaceRecords {
  /** The path of the `.rec` file. */
  readonly path: string;
  /** [N] key of each face's record, ascending */
  readonly keys: Uint32Array;
  /** [N] byte at which it begins */
  readonly offsets: Float64Array;
  /** [N] its class, 0 to C - 1 */
  readonly classes: Int32Array;
  /** [C] the label that the records of each class have, ascending: 0 to C - 1 unless the file leaves some out */
  readonly classLabels: readonly number[];
}

/** The name of a record's image in files of tags. */
export function recordName(key: number): string {
  return `record ${key}`;
}

/** Inverse of {@link recordName}; undefined for other names. */
export function keyOfRecordName(name: string): number | undefined {
  const [, key] = /^record (\d{1,15})$/u.exec(name) ?? [];
  return key === undefined ? undefined : Number(key);
}

/**
 * Finds the faces of `train.rec` by `train.idx` beside it. Record 0 has the labels [n + 1, n + 1 + identities]: faces
 * are the records 1 to n, and those from n + 1 on have each the range of one identity's faces. Of such an identity only
 * the first face's label is read here; that the others agree is checked when they are read. Without a record 0 of that
 * kind every record is a face. Labels may begin anywhere and have gaps: classes are counted through, in the labels' order.
 *
 * @throws Failure DATASET_INVALID naming the file and the record or line
 */
export async function findInsightFaceRecords(path: string): Promise<InsightFaceRecords> {
  const index = await RecordIndex.read(indexPath(path));
  const records = await RecordIoFile.open(path);
  try {
    const finder = new FaceFinder(basename(path), index, records);
    const { keys, ranges } = await finder.layout();
    const labels = new Int32Array(keys.length).fill(unknownLabel);
    await finder.labelRanges(ranges, labels);
    await finder.labelOthers(keys, labels);
    await finder.requireRecord(index.lastKey);
    const offsets = new Float64Array(keys.length);
    for (let face = 0; face < keys.length; face++) offsets[face] = index.offsetOf(keys[face] ?? 0) ?? 0;
    return { path, keys, offsets, ...classesOf(labels) };
  } finally {
    await records.close();
  }
}

/** @throws Failure DATASET_INVALID naming the record */
export async function readImageRecord(
  records: RecordIoFile,
  file: string,
  place: RecordPosition,
): Promise<ImageRecord> {
  return parsed(file, place, await records.read(place));
}

/** The index of a `.rec` file. @throws Failure DATASET_INVALID for another name */
export function indexPath(path: string): string {
  if (!path.endsWith('.rec'))
    throw datasetFailure({ file: basename(path) }, 'has no name that ends with .rec');
  return `${path.slice(0, -'.rec'.length)}.idx`;
}

function parsed(file: string, { key, offset }: RecordPosition, bytes: Buffer): ImageRecord {
  try {
    return parseImageRecord(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw datasetFailure({ file, entry: key, offset }, error.message, error);
  }
}

/** Keys of an identity's faces: from the first up to the one before `end`. */
interface IdentityRange {
  readonly key: number;
  readonly start: number;
  readonly end: number;
}

/** What is looked up while the faces of one file are found. */
class FaceFinder {
  constructor(
    private readonly file: string,
    private readonly index: RecordIndex,
    private readonly records: RecordIoFile,
  ) {}

  /** Finds which records are faces, and which ranges of them belong together. */
  async layout(): Promise<{ readonly keys: Uint32Array; readonly ranges: readonly IdentityRange[] }> {
    const header = this.index.offsetOf(0) === undefined ? undefined : await this.header(0);
    if (header === undefined || header.flag < 2) {
      return { keys: this.index.keys(), ranges: [] };
    }
    const [faceEnd = 0, rangeEnd = 0] = header.labels;
    const isPlausible =
      Number.isInteger(faceEnd) && Number.isInteger(rangeEnd) && faceEnd > 1 && rangeEnd >= faceEnd;
    if (!isPlausible || rangeEnd - 1 > this.index.recordCount) {
      const description = `says that the records end at ${faceEnd} and ${rangeEnd}, and the index has ${this.index.recordCount}`;
      throw datasetFailure({ file: this.file, entry: 0 }, description);
    }
    const keys = new Uint32Array(faceEnd - 1);
    for (let face = 0; face < keys.length; face++) keys[face] = face + 1;
    const ranges: IdentityRange[] = [];
    const rangeKeys = Array.from({ length: rangeEnd - faceEnd }, (_, position) => faceEnd + position);
    await this.forEach(rangeKeys, async (key) => {
      ranges.push(this.rangeOf(key, await this.header(key), faceEnd));
    });
    return { keys, ranges };
  }

  /** @throws Failure DATASET_INVALID where the index leads to no record */
  async requireRecord(key: number): Promise<void> {
    await this.records.readStart(this.place(key), labelledBytes);
  }

  /** Gives every face of a range the label of its first. */
  async labelRanges(ranges: readonly IdentityRange[], labels: Int32Array): Promise<void> {
    const filled = ranges.filter(({ start, end }) => end > start);
    await this.forEach(filled, async ({ start, end }) => {
      labels.fill(await this.label(start), start - 1, end - 1);
    });
  }

  /** Reads the labels of the faces that have none yet. */
  async labelOthers(keys: Uint32Array, labels: Int32Array): Promise<void> {
    await this.forEach(facesWithoutLabel(labels), async (face) => {
      labels[face] = await this.label(keys[face] ?? 0);
    });
  }

  private async header(key: number): Promise<ImageRecord> {
    const place = this.place(key);
    return parsed(this.file, place, await this.records.readStart(place, labelledBytes));
  }

  private place(key: number): RecordPosition {
    const offset = this.index.offsetOf(key);
    if (offset === undefined) throw datasetFailure({ file: this.file, entry: key }, 'is not in the index');
    return { key, offset };
  }

  private async label(key: number): Promise<number> {
    const [label = Number.NaN] = (await this.header(key)).labels;
    if (!Number.isInteger(label) || label < 0 || label > maximumLabel)
      throw datasetFailure({ file: this.file, entry: key }, `has the label ${label}, which is no class`);
    return label;
  }

  private rangeOf(key: number, { labels }: ImageRecord, faceEnd: number): IdentityRange {
    const [start = 0, end = 0] = labels;
    const isInside =
      Number.isInteger(start) && Number.isInteger(end) && start >= 1 && start <= end && end <= faceEnd;
    if (isInside) return { key, start, end };
    throw datasetFailure(
      { file: this.file, entry: key },
      `has the faces ${start} to ${end} of records 1 to ${faceEnd - 1}`,
    );
  }

  private async forEach<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
    const queue = items[Symbol.iterator]();
    const lane = async (): Promise<void> => {
      for (let next = queue.next(); next.done !== true; next = queue.next()) await work(next.value);
    };
    await Promise.all(Array.from({ length: readsAtATime }, lane));
  }
}

function* facesWithoutLabel(labels: Int32Array): Generator<number> {
  for (let face = 0; face < labels.length; face++) if (labels[face] === unknownLabel) yield face;
}

/** Counts the labels that occur through, in the place of the labels. */
function classesOf(labels: Int32Array): Pick<InsightFaceRecords, 'classes' | 'classLabels'> {
  const classLabels = [...new Set(labels)].sort((a, b) => a - b);
  const classOf = new Map(classLabels.map((label, index) => [label, index]));
  for (let face = 0; face < labels.length; face++) labels[face] = classOf.get(labels[face] ?? 0) ?? 0;
  return { classes: labels, classLabels };
}
