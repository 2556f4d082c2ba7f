import { createHash } from 'node:crypto';
import { Failure } from '../../core/failure.js';
import { datasetFailure } from '../../datasets/dataset-failure.js';
import type { FindFace, FoundFace } from '../../datasets/degradation/degraded-set.js';
import type { ImageTag } from '../../datasets/tags/image-tag.js';
import { readTags } from '../../datasets/tags/read-tags.js';
import type { MeasuredFace } from '../../core/faces/face-record.js';
import type { FaceAnalysis } from '../../inference/analyser/face-analysis.js';

/** Faces as a file of tags has them, and by which detector. */
export interface TaggedFaces {
  readonly findFace: FindFace;
  readonly detectorVersion: string;
}

/** @throws Failure DATASET_INVALID where the file holds no tags; so does the finder of an image that has no tag of its bytes */
export async function taggedFaces(file: string): Promise<TaggedFaces> {
  const tags = new Map<string, ImageTag>();
  const { detectorVersion } = await readTags(file, (tag) => {
    tags.set(tag.image, tag);
  });
  const findFace: FindFace = ({ name }, encoded) => {
    const tag = tags.get(name);
    const digest = createHash('sha256').update(encoded).digest('hex');
    if (tag?.sha256 !== digest)
      throw datasetFailure(
        { file: name },
        `has no tag of its content in ${file}; run "symface dataset tag" again`,
      );
    return Promise.resolve(tag.face === null ? undefined : foundFace(tag.face));
  };
  return { findFace, detectorVersion };
}

/** The face nearest the middle of each image, as data sets are tagged. */
export function detectedFaces(analysis: FaceAnalysis, signal: AbortSignal): FindFace {
  return async (_image, encoded) => {
    const request = {
      encoded,
      kind: 'photograph',
      selection: 'central',
      wantEmbeddings: false,
      wantCrops: false,
    } as const;
    const { outcomes } = await analysis.analyse([request], { signal });
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error('the engine answered no outcome');
    if (outcome.ok) {
      const [face] = outcome.image.faces;
      return face && foundFace(face);
    }
    const { error } = outcome;
    if (error instanceof Failure && error.reason === 'FACE_NOT_FOUND') return undefined;
    throw error;
  };
}

function foundFace({ box, landmarks, quality }: MeasuredFace): FoundFace {
  return { box, landmarks, yawDegrees: quality.pose.yawDegrees };
}
