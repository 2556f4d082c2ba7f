import { basename } from 'node:path';
import { landmarksInReduced } from '../../inference/analyser/cut-crops.js';
import type { PhotographPixels } from '../../inference/decode/photograph.js';
import type { SharpImageDecoder } from '../../inference/decode/sharp-image-decoder.js';
import { Failure } from '../../core/failure.js';
import { alignCrop, landmarksInCrop } from '../../core/faces/aligned-crop.js';
import {
  type AlignmentTemplate,
  arcFaceColumns,
  arcFaceTemplate,
} from '../../core/faces/alignment-template.js';
import { landmarkPoints } from '../../core/faces/landmarks.js';
import { centralColumns, firstCentralColumn } from '../../core/images/central-columns.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { TrainingCrop } from '../../learning/sampler/face-sample.js';
import { type DatasetLocation, datasetFailure } from '../../datasets/dataset-failure.js';
import type { FaceToPrepare } from './batch-protocol.js';

/**
 * Decodes and aligns a face. A photograph is aligned to the template by its five landmarks; an aligned crop, of ArcFace's
 * template, is taken as it is, or its middle columns where the network is narrower.
 *
 * @throws Failure DATASET_INVALID naming an image that cannot be decoded, aligned or has another size
 */
export async function trainingCrop(
  encoded: Uint8Array,
  face: FaceToPrepare,
  decoder: SharpImageDecoder,
  template: AlignmentTemplate,
): Promise<TrainingCrop> {
  const pixels = async (): Promise<PhotographPixels> => (await decoder.open(encoded)).pixels(1);
  const { image, factor } = await pixels().catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    throw datasetFailure(
      imageLocationOf(face),
      `cannot be trained on (${error.reason}): ${error.message.slice(0, -1)}; data.skipUnreadable leaves such images out`,
      error,
    );
  });
  if (face.imageKind !== 'photograph') return asAligned(image, face, template);
  return align(image, factor, face, template);
}

/** The place of a face, for messages: its file, the file and the record, or the enrolled face. */
export function imageLocationOf({
  name,
  location,
}: Pick<FaceToPrepare, 'name' | 'location'>): DatasetLocation {
  return location.kind !== 'record'
    ? { file: name }
    : { file: basename(location.path), entry: location.key, offset: location.offset };
}

/** @param factor pixels of the photograph along one of the image's, over 1 where the whole would not fit into memory */
function align(
  image: RgbImage,
  factor: number,
  face: FaceToPrepare,
  template: AlignmentTemplate,
): TrainingCrop {
  const { landmarks } = face;
  if (landmarks === undefined)
    throw datasetFailure(imageLocationOf(face), 'has no landmarks to be aligned by');
  try {
    return {
      image: alignCrop(image, landmarksInReduced(landmarks, factor), template),
      noseX: landmarksInCrop(landmarks, template).nose.x,
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw datasetFailure(imageLocationOf(face), `cannot be aligned: ${error.message}`, error);
  }
}

/** The image of a crop of ArcFace's template: its middle columns where the network is narrower. */
function asAligned(image: RgbImage, face: FaceToPrepare, template: AlignmentTemplate): TrainingCrop {
  const { height, width } = template;
  if (!isOfArcFace(template)) {
    const message = `is a crop of ArcFace's template, and the network takes faces aligned to ${template.name}: photographs can be`;
    throw datasetFailure(imageLocationOf(face), message);
  }
  if (image.height !== height || !canCut(image.width, width)) {
    const description = `is a crop of ${image.width}x${image.height} pixels (width x height); ${width}x${height} is expected`;
    throw datasetFailure(imageLocationOf(face), description);
  }
  const noseX = face.landmarks?.nose.x;
  return {
    image: centralColumns(image, width),
    noseX: noseX === undefined ? undefined : noseX - firstCentralColumn(image.width, width),
  };
}

/** Templates are published to a thousandth or a hundredth of a pixel. */
const tolerancePixels = 0.02;

function isOfArcFace({ width, height, landmarks }: AlignmentTemplate): boolean {
  if (height !== arcFaceTemplate.height || !canCut(arcFaceTemplate.width, width)) return false;
  const expected = landmarkPoints(arcFaceColumns(width).landmarks);
  return landmarkPoints(landmarks).every(({ x, y }, index) => {
    const point = expected[index];
    return point !== undefined && Math.hypot(x - point.x, y - point.y) < tolerancePixels;
  });
}

function canCut(width: number, wantedWidth: number): boolean {
  return width >= wantedWidth && (width - wantedWidth) % 2 === 0;
}
