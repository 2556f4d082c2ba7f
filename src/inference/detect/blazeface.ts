import type { BoundingBox, Point } from '../../core/faces/landmarks.js';
import type { FloatTensor } from '../runtime/onnx-session.js';
import { forEachAnchor, fourOfRow, outputOfShape } from './detector-outputs.js';

/** What BlazeFace says of a face: enough to cut it out upright, not enough to align it. */
export interface FaceCandidate {
  readonly box: BoundingBox;
  readonly leftEye: Point;
  readonly rightEye: Point;
  /** 0 to 1. */
  readonly probability: number;
}

export const BLAZEFACE_INPUT_PIXELS = 256;
const inputSize = { width: BLAZEFACE_INPUT_PIXELS, height: BLAZEFACE_INPUT_PIXELS };

/** Two feature maps; every anchor is a point, all boxes are in input pixels. */
const featureMaps = [
  { stridePixels: 16, anchorsPerLocation: 2 },
  { stridePixels: 32, anchorsPerLocation: 6 },
] as const;

/** Centre, width and height, then six points as x, y: the eyes, the nose tip, the mouth's centre and the ears. */
const REGRESSION_LENGTH = 16;
const LEFT_EYE_COLUMN = 4;
const RIGHT_EYE_COLUMN = 6;
const ANCHOR_COUNT = 896;

/**
 * Decodes BlazeFace (Bazarevsky et al., arXiv 1907.05047) in its 256x256 full-range form, as
 * `@vladmandic/human` ships it and `src/training/pretrained` compiles it.
 *
 * @param outputs face probabilities [1, 896, 1]; regressions [1, 896, 16] as offsets in pixels from the anchor
 * @returns candidates in pixels of the 256x256 input, not yet freed of overlaps
 * @throws Failure MODEL_INVALID where the outputs are others
 */
export function decodeBlazeFace(
  outputs: readonly FloatTensor[],
  minimumProbability: number,
): readonly FaceCandidate[] {
  const probabilities = outputOfShape(outputs, ANCHOR_COUNT, 1);
  const regressions = outputOfShape(outputs, ANCHOR_COUNT, REGRESSION_LENGTH);
  const candidates: FaceCandidate[] = [];
  let firstRow = 0;
  for (const { stridePixels, anchorsPerLocation } of featureMaps) {
    let rowsOfMap = 0;
    forEachAnchor(inputSize, stridePixels, anchorsPerLocation, (rowOfMap, column, line) => {
      rowsOfMap++;
      const row = firstRow + rowOfMap;
      const probability = probabilities[row] ?? 0;
      if (!(probability >= minimumProbability)) return;
      const anchor = { x: (column + 0.5) * stridePixels, y: (line + 0.5) * stridePixels };
      const regression = regressions.subarray(row * REGRESSION_LENGTH, (row + 1) * REGRESSION_LENGTH);
      candidates.push(candidateOf(regression, anchor, probability));
    });
    firstRow += rowsOfMap;
  }
  return candidates;
}

function candidateOf(regression: Float32Array, anchor: Point, probability: number): FaceCandidate {
  const [centreX, centreY, width, height] = fourOfRow(regression, 0);
  const pointAt = (column: number): Point => ({
    x: anchor.x + (regression[column] ?? NaN),
    y: anchor.y + (regression[column + 1] ?? NaN),
  });
  return {
    box: { x: anchor.x + centreX - width / 2, y: anchor.y + centreY - height / 2, width, height },
    leftEye: pointAt(LEFT_EYE_COLUMN),
    rightEye: pointAt(RIGHT_EYE_COLUMN),
    probability,
  };
}
