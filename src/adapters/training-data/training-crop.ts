import { basename } from 'node:path';
import type { ImageDecoder } from '../../application/ports/image-decoder.js';
import { Failure } from '../../domain/failure.js';
import { alignCrop, landmarksInCrop } from '../../domain/geometry/aligned-crop.js';
import { arcFaceTemplate } from '../../domain/geometry/alignment-template.js';
import type { Landmarks } from '../../domain/geometry/landmarks.js';
import { splitHalves } from '../../domain/geometry/split-halves.js';
import { centralColumns, firstCentralColumn } from '../../domain/image/central-columns.js';
import { mirror } from '../../domain/image/mirror.js';
import type { RgbImage } from '../../domain/image/rgb-image.js';
import type { FacePart } from '../../learning/data/epoch-plan.js';
import { type DatasetPlace, datasetFailure } from '../datasets/dataset-failure.js';
import type { FaceToPrepare } from './batch-protocol.js';

/** A face as a network sees it, before any flip or split. */
export interface TrainingCrop {
  readonly image: RgbImage;
  /** n_x in pixels of the crop; undefined where no landmarks are known */
  readonly noseX: number | undefined;
}

/**
 * Decodes and aligns a face. A photograph is aligned to ArcFace's 112x112 template by its five landmarks; an aligned crop
 * is taken as it is. Of either the middle columns are taken where the network is narrower.
 *
 * @throws Failure DATASET_INVALID naming an image that cannot be decoded, aligned or has another size
 */
export async function trainingCrop(
  encoded: Uint8Array,
  face: FaceToPrepare,
  decoder: ImageDecoder,
  imageHeight: number,
  imageWidth: number,
): Promise<TrainingCrop> {
  const image = await decoder.decode(encoded).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    throw datasetFailure(
      placeOf(face),
      `cannot be trained on (${error.reason}): ${error.message.slice(0, -1)}`,
      error,
    );
  });
  const aligned = face.imageKind === 'photograph' ? align(image, face) : asAligned(image, face.landmarks);
  const isCuttable = aligned.image.height === imageHeight && canCut(aligned.image.width, imageWidth);
  if (!isCuttable) {
    const description = `is a crop of ${image.width}x${image.height} pixels (width x height); ${imageWidth}x${imageHeight} is expected`;
    throw datasetFailure(placeOf(face), description);
  }
  const { noseX } = aligned;
  return {
    image: centralColumns(aligned.image, imageWidth),
    noseX: noseX === undefined ? undefined : noseX - firstCentralColumn(aligned.image.width, imageWidth),
  };
}

/** The image of one sample: mirrored first, and the nose with it, then split. @throws RangeError without a nose to split at */
export function samplePart({ image, noseX }: TrainingCrop, part: FacePart, isFlipped: boolean): RgbImage {
  const shown = isFlipped ? mirror(image) : image;
  if (part === 'full') return shown;
  if (noseX === undefined) throw new RangeError('a face without landmarks cannot be split');
  return splitHalves(shown, isFlipped ? image.width - 1 - noseX : noseX)[part];
}

/** Where a face is, for messages: its file, the file and the record, or the enrolled face. */
export function placeOf({ name, location }: Pick<FaceToPrepare, 'name' | 'location'>): DatasetPlace {
  return location.kind !== 'record'
    ? { file: name }
    : { file: basename(location.path), entry: location.key, offset: location.offset };
}

function align(image: RgbImage, face: FaceToPrepare): TrainingCrop {
  const { landmarks } = face;
  if (landmarks === undefined) throw datasetFailure(placeOf(face), 'has no landmarks to be aligned by');
  try {
    return {
      image: alignCrop(image, landmarks, arcFaceTemplate),
      noseX: landmarksInCrop(landmarks, arcFaceTemplate).nose.x,
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw datasetFailure(placeOf(face), `cannot be aligned: ${error.message}`, error);
  }
}

function asAligned(image: RgbImage, landmarks: Landmarks | undefined): TrainingCrop {
  return { image, noseX: landmarks?.nose.x };
}

function canCut(width: number, wantedWidth: number): boolean {
  return width >= wantedWidth && (width - wantedWidth) % 2 === 0;
}
