import { describe, expect, it } from 'vitest';
import type { DetectedFace } from './face.js';
import { type FaceSelectionPolicy, selectFaces } from './face-selection.js';
import { Failure } from '../failure.js';
import { arcFaceTemplate } from './alignment-template.js';

const face = (width: number, height: number, probability: number): DetectedFace => ({
  box: { x: 0, y: 0, width, height },
  landmarks: arcFaceTemplate.landmarks,
  probability,
});
const wide = face(60, 10, 0.99);
const large = face(30, 30, 0.8);
const equallyLarge = face(90, 10, 0.7);
const image = { width: 200, height: 100 };

function failureOf(faces: readonly DetectedFace[], policy: FaceSelectionPolicy): Failure {
  try {
    selectFaces(faces, policy, image);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('selectFaces', () => {
  it('takes the one face there is', () => {
    for (const policy of ['exactly-one', 'largest', 'all'] as const) {
      expect(selectFaces([wide], policy, image)).toEqual([wide]);
    }
  });

  it('takes the largest area, and of equal ones the first', () => {
    expect(selectFaces([wide, large, equallyLarge], 'largest', image)).toEqual([large]);
    expect(selectFaces([equallyLarge, large, wide], 'largest', image)).toEqual([equallyLarge]);
  });

  it('takes all in their order, even none', () => {
    expect(selectFaces([wide, large], 'all', image)).toEqual([wide, large]);
    expect(selectFaces([], 'all', image)).toEqual([]);
  });

  it('takes the face nearest the middle', () => {
    const middle = { ...wide, box: { x: 80, y: 45, width: 30, height: 12 } };
    expect(selectFaces([large, middle, wide], 'central', image)).toEqual([middle]);
    expect(failureOf([], 'central').reason).toBe('FACE_NOT_FOUND');
  });

  it.each(['exactly-one', 'largest'] as const)(
    'fails without a face (%s) and says what to send',
    (policy) => {
      const failure = failureOf([], policy);
      expect(failure.reason).toBe('FACE_NOT_FOUND');
      expect(failure.message).toContain('Send a photograph');
    },
  );

  it('fails with several faces where one is expected, and counts them', () => {
    const failure = failureOf([wide, large, equallyLarge], 'exactly-one');
    expect(failure.reason).toBe('MULTIPLE_FACES');
    expect(failure.metadata).toEqual({ face_count: '3' });
    expect(failure.message).toMatch(/3 faces .* ask for the largest face/);
  });
});
