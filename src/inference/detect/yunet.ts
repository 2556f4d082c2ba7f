import type { DetectedFace } from '../../core/faces/face.js';
import type { FloatTensor } from '../runtime/onnx-session.js';
import {
  forEachAnchor,
  fourOfRow,
  landmarksOfRow,
  LANDMARK_ROW_LENGTH,
  locationCount,
  outputOfShape,
  outputsOfShape,
  STRIDES_PIXELS,
  type InputSize,
} from './detector-outputs.js';

/**
 * Decodes YuNet (Wu et al., 2023; libfacedetection's export).
 *
 * Outputs for each stride, N = one a place: class and objectness [1, N, 1] each, boxes [1, N, 4] as centre
 * offset in strides and log size in strides, landmarks [1, N, 10] as offsets in strides. The probability is the
 * geometric mean of class and objectness, so which of the two outputs is which does not matter.
 */
export function decodeYuNet(
  outputs: readonly FloatTensor[],
  inputSize: InputSize,
  minimumProbability: number,
): DetectedFace[] {
  return STRIDES_PIXELS.flatMap((stride) => {
    const locations = locationCount(inputSize, stride);
    const [classes, objectness] = outputsOfShape(outputs, locations, 1, 2);
    const boxes = outputOfShape(outputs, locations, 4);
    const landmarks = outputOfShape(outputs, locations, LANDMARK_ROW_LENGTH);

    const faces: DetectedFace[] = [];
    forEachAnchor(inputSize, stride, 1, (row, column, line) => {
      const probability = Math.sqrt(unitInterval(classes?.[row]) * unitInterval(objectness?.[row]));
      if (!(probability >= minimumProbability)) return;
      const [offsetX, offsetY, logWidth, logHeight] = fourOfRow(boxes, row);
      const width = Math.exp(logWidth) * stride;
      const height = Math.exp(logHeight) * stride;
      faces.push({
        box: {
          x: (column + offsetX) * stride - width / 2,
          y: (line + offsetY) * stride - height / 2,
          width,
          height,
        },
        landmarks: landmarksOfRow(landmarks, row, (x, y) => ({
          x: (column + x) * stride,
          y: (line + y) * stride,
        })),
        probability,
      });
    });
    return faces;
  });
}

function unitInterval(value: number | undefined): number {
  return Math.min(1, Math.max(0, value ?? 0));
}
