import { basename } from 'node:path';
import type { ImageTag } from './image-tag.js';
import { datasetFailure } from '../dataset-failure.js';
import { unreadable } from '../dataset-file.js';
import { TagFileError } from './tag-file-error.js';
import { parseHeader, parseTag, type TagFileSubject } from './tag-lines.js';
import { wholeLines } from '../whole-lines.js';

/** It is far above a tag, which has about 1 KB. */
const maximumLineBytes = 1024 * 1024;

/**
 * Reads a file of tags one by one. Of two tags of one image the later counts. A last line that was cut short is no tag.
 * @returns what the tags are about
 * @throws Failure DATASET_INVALID naming the file and the line; what `onTag` throws
 */
export async function readTags(path: string, onTag: (tag: ImageTag) => void): Promise<TagFileSubject> {
  const file = basename(path);
  let subject: TagFileSubject | undefined;
  try {
    for await (const { text, line } of wholeLines(path, maximumLineBytes)) {
      if (subject === undefined) {
        subject = parseHeader(text);
        continue;
      }
      const tag = parseTag(text);
      if (tag === undefined) throw datasetFailure({ file, line }, 'is no tag');
      onTag(tag);
    }
  } catch (error) {
    if (error instanceof TagFileError) throw datasetFailure({ file }, error.message, error);
    if (error instanceof RangeError) throw datasetFailure({ file }, 'holds no tags of a data set', error);
    if (error instanceof Error && 'code' in error) throw unreadable(path, error);
    throw error;
  }
  if (subject === undefined) throw datasetFailure({ file }, 'holds no tags of a data set');
  return subject;
}
