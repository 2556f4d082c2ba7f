import { describe, expect, it } from 'vitest';

import { Failure } from '../../core/failure.js';
import { decodeRetinaFace } from './retinaface.js';

const inputSize = { width: 64, height: 32 };
// 8x4 + 4x2 + 2x1 places, two anchors each.
const ANCHORS = 2 * (32 + 8 + 2);

function emptyOutputs() {
  return {
    boxes: { data: new Float32Array(ANCHORS * 4), dimensions: [1, ANCHORS, 4] },
    classes: { data: new Float32Array(ANCHORS * 2), dimensions: [1, ANCHORS, 2] },
    landmarks: { data: new Float32Array(ANCHORS * 10), dimensions: [1, ANCHORS, 10] },
  };
}

describe('decodeRetinaFace', () => {
  it('places a zero offset on the anchor itself', () => {
    const { boxes, classes, landmarks } = emptyOutputs();
    // Stride 16, line 1, column 2, second anchor: side 128, centre (40, 24).
    const row = 2 * 32 + 2 * (1 * 4 + 2) + 1;
    classes.data[2 * row + 1] = 0.9;
    const [face, ...others] = decodeRetinaFace([boxes, classes, landmarks], inputSize, 0.5);
    expect(others).toEqual([]);
    expect(face!.box).toEqual({ x: 40 - 64, y: 24 - 64, width: 128, height: 128 });
    expect(face!.landmarks.nose).toEqual({ x: 40, y: 24 });
    expect(face!.probability).toBeCloseTo(0.9);
  });

  it('moves by tenths and grows by fifths of the anchor side, whatever the order of the outputs', () => {
    const { boxes, classes, landmarks } = emptyOutputs();
    // Stride 8, first place, first anchor: side 16, centre (4, 4).
    classes.data[1] = 0.8;
    boxes.data.set([5, -2.5, 5 * Math.log(2), 5 * Math.log(3)]);
    landmarks.data.set([-2, -2, 2, -2, 0, 0, -2, 3, 2, 3]);
    const [face] = decodeRetinaFace([landmarks, boxes, classes], inputSize, 0.5);
    // Centre (4 + 0.1*16*5, 4 - 0.1*16*2.5) = (12, 0), size 32x48.
    expect(face!.box.x).toBeCloseTo(-4, 4);
    expect(face!.box.y).toBeCloseTo(-24, 4);
    expect(face!.box.width).toBeCloseTo(32, 4);
    expect(face!.box.height).toBeCloseTo(48, 4);
    expect(face!.landmarks.leftEye.x).toBeCloseTo(0.8, 5);
    expect(face!.landmarks.rightEye.x).toBeCloseTo(7.2, 5);
    expect(face!.landmarks.leftMouthCorner.y).toBeCloseTo(8.8, 5);
  });

  it('knows the anchors of each size, whichever it was asked for before', () => {
    const { boxes, classes, landmarks } = emptyOutputs();
    // Of 64x32 the second line begins at place 8, of 32x64 at place 4.
    classes.data[2 * (2 * 8) + 1] = 0.9;
    const noseIn = (size: typeof inputSize) =>
      decodeRetinaFace([boxes, classes, landmarks], size, 0.5)[0]!.landmarks.nose;
    expect(noseIn(inputSize)).toEqual({ x: 4, y: 12 });
    expect(noseIn({ width: 32, height: 64 })).toEqual({ x: 4, y: 20 });
    expect(noseIn(inputSize)).toEqual({ x: 4, y: 12 });
  });

  it('drops what is under the minimum probability or not a number', () => {
    const { boxes, classes, landmarks } = emptyOutputs();
    classes.data[1] = 0.49;
    classes.data[3] = NaN;
    expect(decodeRetinaFace([boxes, classes, landmarks], inputSize, 0.5)).toEqual([]);
  });

  it('refuses outputs of another network', () => {
    const { boxes, classes } = emptyOutputs();
    expect(() => decodeRetinaFace([boxes, classes], inputSize, 0.5)).toThrow(Failure);
    expect(() => decodeRetinaFace([boxes, classes], inputSize, 0.5)).toThrow(/\[84, 10\]/);
  });
});
