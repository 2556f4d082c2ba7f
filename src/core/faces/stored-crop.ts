import { reduceRegion } from '../images/box-reduction.js';
import type { RgbImage } from '../images/rgb-image.js';
import { alignmentTransform } from './aligned-crop.js';
import { type AlignmentTemplate, arcFaceTemplate, dlibTemplate } from './alignment-template.js';
import { type Landmarks, landmarkPoints, landmarksFromPoints, type Point } from './landmarks.js';
import { applyTransform, invertTransform, transformScale } from './similarity-transform.js';

/** The part of a photograph from which any backbone's crop can be aligned anew, and the landmarks in its pixels. */
export interface StoredCrop {
  readonly image: RgbImage;
  readonly landmarks: Landmarks;
}

/** The templates that are known. Their crops are inside the cut, with {@link marginRatio} around them for others. */
const coveredTemplates: readonly AlignmentTemplate[] = [arcFaceTemplate, dlibTemplate];
const marginRatio = 0.25;
/** Pixels a pixel of the 112x112 crop up to which the photograph is kept as it is: enough for a 336x336 backbone. */
export const resolutionKept = 3;

/**
 * Cuts the face out along the photograph's own pixel grid: nothing is resampled, so a crop aligned from the cut has the
 * pixels of one aligned from the photograph. Only a face of over {@link resolutionKept} times the crop's resolution is
 * averaged, by a whole factor. See docs/adr/0005.
 *
 * @param landmarks in pixels of `image`
 * @throws RangeError where the landmarks coincide or are not finite
 */
export function cutFace(image: RgbImage, landmarks: Landmarks): StoredCrop {
  const scale = transformScale(invertTransform(alignmentTransform(landmarks, arcFaceTemplate)));
  const factor = Math.max(Math.floor(scale / resolutionKept), 1);
  const corners = coveredTemplates.flatMap((template) => cornersInImage(landmarks, template));
  const points = [...corners, ...landmarkPoints(landmarks)];
  // What lies beyond the photograph is black for every crop and need not be stored.
  const left = Math.max(Math.floor(Math.min(...points.map(({ x }) => x))), 0);
  const top = Math.max(Math.floor(Math.min(...points.map(({ y }) => y))), 0);
  const right = Math.min(Math.ceil(Math.max(...points.map(({ x }) => x))) + 1, image.width);
  const bottom = Math.min(Math.ceil(Math.max(...points.map(({ y }) => y))) + 1, image.height);
  const region = { x: left, y: top, width: Math.max(right - left, 1), height: Math.max(bottom - top, 1) };
  const centre = (factor - 1) / 2;
  // Inverse of: photograph = start + factor * cut + (factor - 1) / 2.
  const inCut = ({ x, y }: Point): Point => ({
    x: (x - left - centre) / factor,
    y: (y - top - centre) / factor,
  });
  const [leftEye, rightEye, nose, leftMouth, rightMouth] = landmarkPoints(landmarks);
  return {
    image: reduceRegion(image, region, factor),
    landmarks: landmarksFromPoints([
      inCut(leftEye),
      inCut(rightEye),
      inCut(nose),
      inCut(leftMouth),
      inCut(rightMouth),
    ]),
  };
}

/** Corners of a template's crop, widened by the margin, in pixels of the photograph. */
function cornersInImage(landmarks: Landmarks, template: AlignmentTemplate): readonly Point[] {
  const cropToImage = invertTransform(alignmentTransform(landmarks, template));
  const { width, height } = template;
  const [x, y] = [width * marginRatio, height * marginRatio];
  return [
    { x: -x, y: -y },
    { x: width + x, y: -y },
    { x: -x, y: height + y },
    { x: width + x, y: height + y },
  ].map((corner) => applyTransform(cropToImage, corner));
}
