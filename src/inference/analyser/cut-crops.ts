import { alignCrop, alignmentTransform, landmarksInCrop } from '../../core/faces/aligned-crop.js';
import {
  type AlignmentTemplate,
  arcFaceTemplate,
  isSameAlignment,
} from '../../core/faces/alignment-template.js';
import { type Landmarks, mapLandmarks } from '../../core/faces/landmarks.js';
import { transformScale } from '../../core/faces/similarity-transform.js';
import { cutFace, resolutionKept, type StoredCrop } from '../../core/faces/stored-crop.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { Photograph } from '../decode/photograph.js';

/** Pixels along one of a crop's that are enough to sample it from: between pixels of the crop's own size it would be blurred. */
const pixelsPerCropPixel = 1.5;

/** The crops of a face that are wanted. */
export interface WantedCrops {
  /** The template of the backbone's crop. */
  readonly alignment: AlignmentTemplate;
  readonly storedCrop: boolean;
}

/** All that is cut out of a photograph for one face. */
export interface CutCrops {
  /** 112x112, ArcFace's template. */
  readonly arcFace: RgbImage;
  /** The landmarks in pixels of {@link arcFace}. */
  readonly landmarks: Landmarks;
  /** What the backbone takes. */
  readonly backbone: RgbImage;
  readonly stored?: StoredCrop;
}

/**
 * Cuts from the photograph as far as it is decoded, or decodes it finer where a crop has more pixels than the face.
 * @param landmarks in pixels of the photograph
 * @throws RangeError where the landmarks coincide or are not finite; Failure of decoding
 */
export async function cutCrops(
  photograph: Photograph,
  landmarks: Landmarks,
  { alignment, storedCrop }: WantedCrops,
): Promise<CutCrops> {
  const arcFaceScale = scaleInPhotograph(landmarks, arcFaceTemplate);
  const cropScale = Math.min(arcFaceScale, scaleInPhotograph(landmarks, alignment));
  const { image, factor } = await photograph.pixels(
    Math.min(cropScale / pixelsPerCropPixel, storedCrop ? arcFaceScale / resolutionKept : Infinity),
  );
  const reduced = landmarksInReduced(landmarks, factor);
  const arcFace = alignCrop(image, reduced, arcFaceTemplate);
  return {
    arcFace,
    landmarks: landmarksInCrop(landmarks, arcFaceTemplate),
    backbone: isSameAlignment(alignment, arcFaceTemplate) ? arcFace : alignCrop(image, reduced, alignment),
    ...(storedCrop && { stored: cutFace(image, reduced) }),
  };
}

/** Pixels of the photograph along one of the crop's. */
function scaleInPhotograph(landmarks: Landmarks, template: AlignmentTemplate): number {
  return 1 / transformScale(alignmentTransform(landmarks, template));
}

/**
 * The landmarks in a reduced photograph; whole coordinates are pixel centres in both.
 * @param factor pixels of the photograph along one of the reduced
 */
export function landmarksInReduced(landmarks: Landmarks, factor: number): Landmarks {
  const centre = (factor - 1) / 2;
  return mapLandmarks(landmarks, ({ x, y }) => ({ x: (x - centre) / factor, y: (y - centre) / factor }));
}
