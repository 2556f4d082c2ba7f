import { type FileHandle, open, stat, truncate } from 'node:fs/promises';
import { type ImageTag, summaryOf, type TagSummary } from './image-tag.js';
import { hasErrorCode, replaceFile } from '../../storage/files/durable-files.js';
import { TagFileError } from './tag-file-error.js';
import { headerLine, parseHeader, parseTag, tagLine, type TagFileSubject } from './tag-lines.js';
import { wholeLines } from '../whole-lines.js';

/** It is far above a tag, which has about 1 KB. */
const maximumLineBytes = 1024 * 1024;
/** How much work a power cut may cost. A process that is killed loses nothing but a line that it was writing. */
const tagsBetweenSyncs = 64;

/**
 * The tags of a data set's images in a file beside it: JSON Lines, the first saying what they are about, then one an
 * image, written as they come. Of two tags of one image the later counts. One process at a time may write it.
 */
export class TagFile {
  private writing: Promise<void> = Promise.resolve();
  private tagsToSync = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly summaries: Map<string, TagSummary>,
  ) {}

  /**
   * Goes on with the file, or begins it where it is not there. A line that a kill cut short is dropped.
   * @throws TagFileError where the file is about something else; the system's error where it cannot be written
   */
  static async resume(path: string, subject: TagFileSubject): Promise<TagFile> {
    const summaries = new Map<string, TagSummary>();
    const isThere = await isWritten(path);
    const file = isThere ? await open(path, 'a') : await begin(path, subject);
    try {
      if (isThere) await truncate(path, await readTags(path, subject, summaries));
    } catch (error) {
      await file.close();
      throw error;
    }
    return new TagFile(file, summaries);
  }

  /**
   * Begins the file anew in place of one of tags, if there is one.
   * @throws TagFileError where the file is something else; the system's error where it cannot be written
   */
  static async restart(path: string, subject: TagFileSubject): Promise<TagFile> {
    if (await isWritten(path)) await requireTags(path);
    return new TagFile(await begin(path, subject), new Map());
  }

  /** What is known of an image; undefined where it has no tag. */
  summary(image: string): TagSummary | undefined {
    return this.summaries.get(image);
  }

  /**
   * Adds a tag after those that are being written. Once one cannot be written none is: a line that was cut short must
   * stay the last.
   * @throws the system's error
   */
  append(tag: ImageTag): Promise<void> {
    this.writing = this.writing.then(async () => {
      await this.file.appendFile(tagLine(tag));
      this.summaries.set(tag.image, summaryOf(tag));
      if (++this.tagsToSync >= tagsBetweenSyncs) await this.sync();
    });
    return this.writing;
  }

  /** Waits until all that was appended is on disk. @throws the system's error */
  async close(): Promise<void> {
    // Who appended was told already.
    await this.writing.catch(() => undefined);
    try {
      await this.sync();
    } finally {
      await this.file.close();
    }
  }

  private async sync(): Promise<void> {
    await this.file.datasync();
    this.tagsToSync = 0;
  }
}

/** Whether there is a file with anything in it. */
async function isWritten(path: string): Promise<boolean> {
  const status = await stat(path).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (status?.isFile() === false) throw new TagFileError('is no file', 'foreign');
  return status !== undefined && status.size > 0;
}

/** The header is there whole or not at all. */
async function begin(path: string, subject: TagFileSubject): Promise<FileHandle> {
  await replaceFile(path, headerLine(subject));
  return open(path, 'a');
}

/** Reads what is there. @returns how many bytes of it are good */
async function readTags(
  path: string,
  subject: TagFileSubject,
  summaries: Map<string, TagSummary>,
): Promise<number> {
  const lines = readLines(path);
  const head = await firstLine(lines);
  requireSubject(parseHeader(head.text), subject);
  let goodBytes = head.endOffset;
  let damagedLine: number | undefined;
  for await (const { text, line, endOffset } of lines) {
    if (damagedLine !== undefined) throw new TagFileError(`is damaged in line ${damagedLine}`, 'outdated');
    const tag = parseTag(text);
    if (tag === undefined) {
      damagedLine = line;
      continue;
    }
    summaries.set(tag.image, summaryOf(tag));
    goodBytes = endOffset;
  }
  return goodBytes;
}

/** @throws TagFileError where the file holds no tags */
async function requireTags(path: string): Promise<void> {
  const lines = readLines(path);
  const { text } = await firstLine(lines);
  await lines.return(undefined);
  try {
    parseHeader(text);
  } catch (error) {
    if (!(error instanceof TagFileError) || error.state === 'foreign') throw error;
  }
}

type Lines = ReturnType<typeof wholeLines>;

async function* readLines(path: string): Lines {
  try {
    yield* wholeLines(path, maximumLineBytes);
  } catch (error) {
    if (error instanceof RangeError) throw new TagFileError('holds no tags of a data set', 'foreign');
    throw error;
  }
}

async function firstLine(lines: Lines): Promise<{ readonly text: string; readonly endOffset: number }> {
  const first = await lines.next();
  if (first.done === true) throw new TagFileError('holds no tags of a data set', 'foreign');
  return first.value;
}

/** @throws TagFileError where the tags are of other images or by another detector */
function requireSubject(found: TagFileSubject, wanted: TagFileSubject): void {
  if (found.format !== wanted.format || found.imageKind !== wanted.imageKind) {
    const described = ({ format, imageKind }: TagFileSubject): string => `${format} (${imageKind}s)`;
    throw new TagFileError(
      `is about a data set of the format ${described(found)}, not ${described(wanted)}`,
      'outdated',
    );
  }
  if (found.detectorVersion !== wanted.detectorVersion) {
    const message = `was made by the detector ${found.detectorVersion}, and ${wanted.detectorVersion} serves now`;
    throw new TagFileError(message, 'outdated');
  }
}
