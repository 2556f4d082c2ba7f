import { describe, expect, it } from 'vitest';

import { Failure } from '../../core/failure.js';
import { decodeBlazeFace } from './blazeface.js';

const ANCHORS = 896;

/** Nothing anywhere but what `rows` says of single anchors. */
function outputsWith(rows: Record<number, { probability: number; regression: readonly number[] }>) {
  const probabilities = new Float32Array(ANCHORS);
  const regressions = new Float32Array(ANCHORS * 16);
  for (const [row, { probability, regression }] of Object.entries(rows)) {
    probabilities[Number(row)] = probability;
    regressions.set(regression, Number(row) * 16);
  }
  return [
    { data: probabilities, dimensions: [1, ANCHORS, 1] },
    { data: regressions, dimensions: [1, ANCHORS, 16] },
  ];
}

const regression = [1, 2, 40, 50, -10, -5, 10, -5, 0, 0, 0, 8, -20, 0, 20, 0];

describe('decodeBlazeFace', () => {
  it('reads the fine feature map: stride 16, two anchors a place, rows from the top', () => {
    // Line 1, column 3: place 16 + 3, second anchor.
    const [candidate, ...others] = decodeBlazeFace(
      outputsWith({ [(16 + 3) * 2 + 1]: { probability: 0.75, regression } }),
      0.5,
    );
    expect(others).toEqual([]);
    expect(candidate).toEqual({
      probability: 0.75,
      box: { x: 56 + 1 - 20, y: 24 + 2 - 25, width: 40, height: 50 },
      leftEye: { x: 46, y: 19 },
      rightEye: { x: 66, y: 19 },
    });
  });

  it('reads the coarse feature map after it: stride 32, six anchors a place', () => {
    // Line 7, column 7, last anchor: the very last row.
    const [candidate] = decodeBlazeFace(outputsWith({ 895: { probability: 0.5, regression } }), 0.5);
    expect(candidate?.leftEye).toEqual({ x: 240 - 10, y: 240 - 5 });
    const [first] = decodeBlazeFace(outputsWith({ 512: { probability: 0.5, regression } }), 0.5);
    expect(first?.leftEye).toEqual({ x: 16 - 10, y: 16 - 5 });
  });

  it('drops what is less probable than asked for', () => {
    expect(decodeBlazeFace(outputsWith({ 5: { probability: 0.49, regression } }), 0.5)).toEqual([]);
  });

  it('refuses outputs of another network', () => {
    expect(() => decodeBlazeFace([{ data: new Float32Array(4), dimensions: [1, 4] }], 0.5)).toThrow(Failure);
  });
});
