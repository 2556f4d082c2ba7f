import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { datasetFailure } from '../../datasets/dataset-failure.js';
import { defaultTagFile } from '../../datasets/tags/default-tag-file.js';
import type { FaceMeasures } from './face-measures.js';
import { FaceTags } from './face-tags.js';
import type { OpenedFaces } from './data-loader-options.js';
import type { TrainingFaceSource } from './training-face-source.js';

/**
 * The tags of a data set: its own where it has them, those that are named, else those beside it, else none where crops are aligned already.
 * @throws Failure DATASET_INVALID where they are damaged, or photographs have none
 */
export async function faceTagsOf(
  { location, imageKind, tagsPath, skipUnreadable }: OpenedFaces,
  source: TrainingFaceSource,
): Promise<FaceMeasures | undefined> {
  if (source.measures !== undefined) return source.measures;
  const unreadable = skipUnreadable === true ? 'left-out' : 'refused';
  if (tagsPath !== undefined) return FaceTags.read(tagsPath, source, unreadable);
  const path = await defaultTagFile(location.path);
  const isThere = await stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
  if (isThere) return FaceTags.read(path, source, unreadable);
  if (imageKind === 'aligned-crop') return undefined;
  const description = 'is not there, and photographs are aligned by their tags: run symface dataset tag';
  throw datasetFailure({ file: basename(path) }, description);
}
