import { describe, expect, it } from 'vitest';

import type { FloatTensor } from '../runtime/onnx-session.js';
import { decodeScrfd } from './scrfd.js';

const inputSize = { width: 64, height: 32 };
/** Rows at strides 8, 16 and 32: two anchors on each of 8x4, 4x2 and 2x1 places. */
const ROWS = [64, 16, 4];

function emptyOutputs(): Record<'probabilities' | 'boxes' | 'landmarks', FloatTensor[]> {
  const zeros = (rowLength: number) =>
    ROWS.map((rows) => ({ data: new Float32Array(rows * rowLength), dimensions: [rows, rowLength] }));
  return { probabilities: zeros(1), boxes: zeros(4), landmarks: zeros(10) };
}

describe('decodeScrfd', () => {
  it('reads distances and points in strides from the corner of the cell', () => {
    const { probabilities, boxes, landmarks } = emptyOutputs();
    // Stride 16 (second map), line 1, column 3, first anchor: (48, 16).
    const row = 2 * (1 * 4 + 3);
    probabilities[1]!.data[row] = 0.75;
    boxes[1]!.data.set([1, 0.5, 0.25, 2], row * 4);
    landmarks[1]!.data.set([-0.5, 0, 0.5, 0, 0, 0.25, -0.5, 1, 0.5, 1], row * 10);
    const faces = decodeScrfd([...probabilities, ...boxes, ...landmarks], inputSize, 0.5);
    expect(faces).toEqual([
      {
        box: { x: 32, y: 8, width: 20, height: 40 },
        landmarks: {
          leftEye: { x: 40, y: 16 },
          rightEye: { x: 56, y: 16 },
          nose: { x: 48, y: 20 },
          leftMouthCorner: { x: 40, y: 32 },
          rightMouthCorner: { x: 56, y: 32 },
        },
        probability: 0.75,
      },
    ]);
  });

  it('takes a leading batch dimension and any order of the outputs', () => {
    const { probabilities, boxes, landmarks } = emptyOutputs();
    probabilities[2]!.data[3] = 1;
    const batched = [...landmarks, ...boxes, ...probabilities]
      .reverse()
      .map(({ data, dimensions }) => ({ data, dimensions: [1, ...dimensions] }));
    const [face] = decodeScrfd(batched, inputSize, 0.5);
    expect(face!.landmarks.nose).toEqual({ x: 32, y: 0 });
  });
});
