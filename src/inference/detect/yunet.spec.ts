import { describe, expect, it } from 'vitest';

import type { FloatTensor } from '../runtime/onnx-session.js';
import { decodeYuNet } from './yunet.js';

const inputSize = { width: 64, height: 32 };
const ROWS = [32, 8, 2];

function emptyOutputs(): Record<'classes' | 'objectness' | 'boxes' | 'landmarks', FloatTensor[]> {
  const zeros = (rowLength: number) =>
    ROWS.map((rows) => ({ data: new Float32Array(rows * rowLength), dimensions: [1, rows, rowLength] }));
  return { classes: zeros(1), objectness: zeros(1), boxes: zeros(4), landmarks: zeros(10) };
}

describe('decodeYuNet', () => {
  it('reads centre, log size and points in strides', () => {
    const { classes, objectness, boxes, landmarks } = emptyOutputs();
    // Stride 8, line 2, column 5: (40, 16).
    const row = 2 * 8 + 5;
    classes[0]!.data[row] = 0.81;
    objectness[0]!.data[row] = 1;
    boxes[0]!.data.set([0.5, 0.25, Math.log(2), Math.log(4)], row * 4);
    landmarks[0]!.data.set([-1, 0, 1, 0, 0, 0.5, -1, 1, 1, 1], row * 10);
    const faces = decodeYuNet([...classes, ...objectness, ...boxes, ...landmarks], inputSize, 0.6);
    expect(faces).toHaveLength(1);
    const { box, landmarks: points, probability } = faces[0]!;
    // Centre (44, 18), size 16x32.
    expect(box.x).toBeCloseTo(36, 4);
    expect(box.y).toBeCloseTo(2, 4);
    expect(box.width).toBeCloseTo(16, 4);
    expect(box.height).toBeCloseTo(32, 4);
    expect(points.leftEye).toEqual({ x: 32, y: 16 });
    expect(points.rightMouthCorner).toEqual({ x: 48, y: 24 });
    expect(probability).toBeCloseTo(0.9, 6);
  });

  it('takes the geometric mean of class and objectness, each held in 0..1', () => {
    const { classes, objectness, boxes, landmarks } = emptyOutputs();
    classes[2]!.data[0] = 0.5;
    objectness[2]!.data[0] = 1.2;
    const outputs = [...classes, ...objectness, ...boxes, ...landmarks];
    expect(decodeYuNet(outputs, inputSize, 0.6)[0]!.probability).toBeCloseTo(Math.SQRT1_2, 6);
    expect(decodeYuNet(outputs, inputSize, 0.71)).toEqual([]);
  });
});
