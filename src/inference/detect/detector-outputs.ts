import type { Point } from '../../core/faces/landmarks.js';
import { landmarksFromPoints, type Landmarks } from '../../core/faces/landmarks.js';
import type { DetectedFace } from '../../core/faces/face.js';
import { Failure } from '../../core/failure.js';
import type { FloatTensor } from '../runtime/onnx-session.js';

/** Width and height of a network's input in pixels. */
export interface InputSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Turns a detector's raw outputs into faces in pixels of its input, not yet freed of overlaps.
 * @param outputs of one image, in any order
 * @throws Failure MODEL_INVALID where the outputs are not those of the family
 */
export type DecodeFaces = (
  outputs: readonly FloatTensor[],
  inputSize: InputSize,
  minimumProbability: number,
) => DetectedFace[];

/** Numbers of a landmark row: five points. */
export const LANDMARK_ROW_LENGTH = 10;

/** Strides of the three feature maps that RetinaFace, SCRFD and YuNet predict from, in input pixels. */
export const STRIDES_PIXELS = [8, 16, 32] as const;

/** Places of one feature map. */
export function locationCount({ width, height }: InputSize, stridePixels: number): number {
  return Math.ceil(width / stridePixels) * Math.ceil(height / stridePixels);
}

/**
 * Calls `visit` for each anchor of one feature map in the order in which the networks list them: rows from the
 * top, columns from the left, then the anchors of a place.
 */
export function forEachAnchor(
  inputSize: InputSize,
  stridePixels: number,
  anchorsPerLocation: number,
  visit: (row: number, column: number, line: number, anchor: number) => void,
): void {
  const columns = Math.ceil(inputSize.width / stridePixels);
  const lines = Math.ceil(inputSize.height / stridePixels);
  let row = 0;
  for (let line = 0; line < lines; line++) {
    for (let column = 0; column < columns; column++) {
      for (let anchor = 0; anchor < anchorsPerLocation; anchor++) visit(row++, column, line, anchor);
    }
  }
}

/**
 * The outputs that hold `rows` rows of `rowLength` numbers, whatever their names and order in the graph, since
 * exporters number them at will.
 * @throws Failure MODEL_INVALID where there are not `expectedCount` of them
 */
export function outputsOfShape(
  outputs: readonly FloatTensor[],
  rows: number,
  rowLength: number,
  expectedCount: number,
): readonly Float32Array[] {
  const found = outputs
    .filter(({ data, dimensions }) => dimensions.at(-1) === rowLength && data.length === rows * rowLength)
    .map(({ data }) => data);
  if (found.length !== expectedCount) {
    const shapes = outputs.map(({ dimensions }) => `[${dimensions.join(', ')}]`).join(' ');
    throw new Failure(
      'MODEL_INVALID',
      `the detector should give ${expectedCount} output(s) of [${rows}, ${rowLength}]; its outputs are ${shapes}`,
    );
  }
  return found;
}

/** Finds exactly one output, as {@link outputsOfShape} does. */
export function outputOfShape(
  outputs: readonly FloatTensor[],
  rows: number,
  rowLength: number,
): Float32Array {
  return outputsOfShape(outputs, rows, rowLength, 1)[0] ?? new Float32Array();
}

/**
 * Five landmarks from a row of x, y pairs. All three families list them in the order left eye, right eye, nose,
 * left and right mouth corner of the image.
 * @param place maps a pair of the row to pixels
 */
export function landmarksOfRow(
  values: Float32Array,
  row: number,
  place: (x: number, y: number) => Point,
): Landmarks {
  const pointAt = (index: number): Point => {
    const offset = row * LANDMARK_ROW_LENGTH + 2 * index;
    return place(values[offset] ?? NaN, values[offset + 1] ?? NaN);
  };
  return landmarksFromPoints([pointAt(0), pointAt(1), pointAt(2), pointAt(3), pointAt(4)]);
}

/** A row of four numbers. */
export function fourOfRow(values: Float32Array, row: number): [number, number, number, number] {
  const offset = 4 * row;
  return [
    values[offset] ?? NaN,
    values[offset + 1] ?? NaN,
    values[offset + 2] ?? NaN,
    values[offset + 3] ?? NaN,
  ];
}
