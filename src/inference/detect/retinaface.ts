import type { DetectedFace } from '../../core/faces/face.js';
import type { FloatTensor } from '../runtime/onnx-session.js';
import {
  forEachAnchor,
  fourOfRow,
  landmarksOfRow,
  LANDMARK_ROW_LENGTH,
  locationCount,
  outputOfShape,
  STRIDES_PIXELS,
  type InputSize,
} from './detector-outputs.js';

/** Anchor sides in input pixels at each stride (mobilenet0.25 configuration of Pytorch_Retinaface). */
const anchorSidesPixels: Readonly<Record<(typeof STRIDES_PIXELS)[number], readonly [number, number]>> = {
  8: [16, 32],
  16: [64, 128],
  32: [256, 512],
};
const ANCHORS_PER_LOCATION = 2;
/** Offsets of centres and points are in tenths of the anchor's side, log sizes in fifths. */
const CENTRE_VARIANCE = 0.1;
const SIZE_VARIANCE = 0.2;

/**
 * Decodes RetinaFace mobilenet0.25 (Deng et al., arXiv 1905.00641; anchors as in Pytorch_Retinaface).
 *
 * Outputs, N = all anchors of strides 8, 16 and 32 in turn: boxes [1, N, 4] as centre offset and log size,
 * class probabilities [1, N, 2] as (background, face), landmarks [1, N, 10] as offsets from the anchor's centre.
 */
export function decodeRetinaFace(
  outputs: readonly FloatTensor[],
  inputSize: InputSize,
  minimumProbability: number,
): DetectedFace[] {
  const anchorCount = STRIDES_PIXELS.reduce(
    (count, stride) => count + ANCHORS_PER_LOCATION * locationCount(inputSize, stride),
    0,
  );
  const boxes = outputOfShape(outputs, anchorCount, 4);
  const classes = outputOfShape(outputs, anchorCount, 2);
  const landmarks = outputOfShape(outputs, anchorCount, LANDMARK_ROW_LENGTH);

  const faces: DetectedFace[] = [];
  let firstRow = 0;
  for (const stride of STRIDES_PIXELS) {
    forEachAnchor(inputSize, stride, ANCHORS_PER_LOCATION, (rowOfMap, column, line, anchor) => {
      const row = firstRow + rowOfMap;
      const probability = classes[2 * row + 1] ?? 0;
      if (!(probability >= minimumProbability)) return;
      const side = anchorSidesPixels[stride][anchor] ?? NaN;
      const anchorX = (column + 0.5) * stride;
      const anchorY = (line + 0.5) * stride;
      const [offsetX, offsetY, logWidth, logHeight] = fourOfRow(boxes, row);
      const width = side * Math.exp(SIZE_VARIANCE * logWidth);
      const height = side * Math.exp(SIZE_VARIANCE * logHeight);
      const reach = CENTRE_VARIANCE * side;
      faces.push({
        box: {
          x: anchorX + reach * offsetX - width / 2,
          y: anchorY + reach * offsetY - height / 2,
          width,
          height,
        },
        landmarks: landmarksOfRow(landmarks, row, (x, y) => ({
          x: anchorX + reach * x,
          y: anchorY + reach * y,
        })),
        probability,
      });
    });
    firstRow += ANCHORS_PER_LOCATION * locationCount(inputSize, stride);
  }
  return faces;
}
