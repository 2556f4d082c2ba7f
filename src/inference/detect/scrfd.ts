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

const ANCHORS_PER_LOCATION = 2;

/**
 * Decodes SCRFD with landmarks (Guo et al., arXiv 2105.04714; InsightFace's export).
 *
 * Outputs for each stride, N = two anchors a place: probabilities [N, 1], boxes [N, 4] as the distances from the
 * place to the left, top, right and bottom side in strides, landmarks [N, 10] as offsets in strides. A leading
 * batch dimension of 1 is let pass.
 */
export function decodeScrfd(
  outputs: readonly FloatTensor[],
  inputSize: InputSize,
  minimumProbability: number,
): DetectedFace[] {
  return STRIDES_PIXELS.flatMap((stride) => {
    const anchorCount = ANCHORS_PER_LOCATION * locationCount(inputSize, stride);
    const probabilities = outputOfShape(outputs, anchorCount, 1);
    const boxes = outputOfShape(outputs, anchorCount, 4);
    const landmarks = outputOfShape(outputs, anchorCount, LANDMARK_ROW_LENGTH);

    const faces: DetectedFace[] = [];
    forEachAnchor(inputSize, stride, ANCHORS_PER_LOCATION, (row, column, line) => {
      const probability = probabilities[row] ?? 0;
      if (!(probability >= minimumProbability)) return;
      // SCRFD's anchors are centred on the first pixel of their cell, not on its middle.
      const anchorX = column * stride;
      const anchorY = line * stride;
      const [left, top, right, bottom] = fourOfRow(boxes, row);
      faces.push({
        box: {
          x: anchorX - left * stride,
          y: anchorY - top * stride,
          width: (left + right) * stride,
          height: (top + bottom) * stride,
        },
        landmarks: landmarksOfRow(landmarks, row, (x, y) => ({
          x: anchorX + x * stride,
          y: anchorY + y * stride,
        })),
        probability,
      });
    });
    return faces;
  });
}
