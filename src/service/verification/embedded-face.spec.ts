import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.js';
import { sampleAnalysedFace } from '../../../test/support/sample-analysed-face.js';
import { embeddedFace, requireUsableQuality } from './embedded-face.js';

const embedding = Float32Array.of(1, 0);
const asDefault = { minimumUtility: undefined, allowLowQuality: false };

function outcomeOf(utility: number): Parameters<typeof embeddedFace>[0] {
  const face = sampleAnalysedFace;
  const dark = { ...face.quality, utility, brightness: 10 };
  return {
    ok: true,
    image: { width: 100, height: 100, faces: [{ ...face, quality: dark, embedding }] },
  };
}

function failureOf(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error('no Failure was thrown');
}

describe('embeddedFace', () => {
  it('refuses a face below the default utility, naming the image and the cause', () => {
    const failure = failureOf(() => embeddedFace(outcomeOf(20), 'image_b', asDefault));
    expect(failure.reason).toBe('FACE_TOO_DARK');
    expect(failure.metadata).toMatchObject({ field: 'image_b', value: '20.0', limit: '25' });
    expect(failure.fieldViolations[0]?.field).toBe('image_b');
  });

  it("goes by the request's own limit", () => {
    expect(embeddedFace(outcomeOf(20), 'image', { ...asDefault, minimumUtility: 20 }).findings).toEqual([]);
    const strict = { ...asDefault, minimumUtility: 90 };
    expect(failureOf(() => embeddedFace(outcomeOf(80), 'image', strict)).metadata['limit']).toBe('90');
  });

  it('says what is wrong with a face that is compared all the same', () => {
    const allowed = { ...asDefault, allowLowQuality: true };
    const { findings, embedding: found } = embeddedFace(outcomeOf(20), 'image_a', allowed);
    expect(found).toBe(embedding);
    expect(findings.map(({ field, failure }) => [field, failure.reason])).toEqual([
      ['image_a', 'FACE_TOO_DARK'],
    ]);
    expect(embeddedFace(outcomeOf(60), 'image_a', allowed).findings).toEqual([]);
  });
});

describe('requireUsableQuality', () => {
  it.each([-1, 101, Number.NaN])('refuses a utility of %d', (minimumUtility) => {
    const failure = failureOf(() => {
      requireUsableQuality({ ...asDefault, minimumUtility });
    });
    expect([failure.reason, failure.fieldViolations[0]?.field]).toEqual([
      'INVALID_ARGUMENT',
      'quality.minimum_utility',
    ]);
  });
});
