import { describe, expect, it } from 'vitest';

import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import type { DetectedFace } from '../../core/faces/face.js';
import { placedByFirstSighting } from './first-sighting.js';

const maximumOverlap = 0.3;

/** A face of 100 pixels, by its left border; its landmarks' uncertainty tells it from others. */
function faceAt(x: number, probability: number, landmarkUncertainty = 0.05): DetectedFace {
  const box = { x, y: 0, width: 100, height: 100 };
  return { box, landmarks: arcFaceTemplate.landmarks, probability, landmarkUncertainty };
}

describe('a face that two looks show', () => {
  it('lies where the first placed it, and is as probable as in the surer one', () => {
    const [first, later] = [faceAt(0, 0.84, 0.1), faceAt(40, 0.93)];
    expect(placedByFirstSighting([later], [first, later], maximumOverlap)).toEqual([
      { ...first, probability: 0.93 },
    ]);
  });

  it('lies where the surer look placed it if the first was certain', () => {
    const [first, later] = [faceAt(0, 0.88, 0.05), faceAt(2, 0.93)];
    expect(placedByFirstSighting([later], [first, later], maximumOverlap)).toEqual([later]);
  });

  it('lies where the later placed it if that is surer by much', () => {
    const [first, later] = [faceAt(0, 0.77), faceAt(40, 0.93)];
    expect(placedByFirstSighting([later], [first, later], maximumOverlap)).toEqual([later]);
  });

  it('is one, though the closer look showed two of it', () => {
    const first = faceAt(50, 0.88, 0.1);
    // They overlap by a ninth, and each the first by more than a third.
    const [left, right] = [faceAt(10, 0.92), faceAt(90, 0.86)];
    expect(placedByFirstSighting([left, right], [first, left, right], maximumOverlap)).toEqual([
      { ...first, probability: 0.92 },
    ]);
  });
});

describe('faces beside each other', () => {
  it('stay where they are, the most probable first', () => {
    const [one, other] = [faceAt(0, 0.9), faceAt(90, 0.95)];
    expect(placedByFirstSighting([other, one], [one, other], maximumOverlap)).toEqual([other, one]);
  });
});
