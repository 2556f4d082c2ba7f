import { describe, expect, it } from 'vitest';
import type { FaceQuality } from '../../core/faces/quality/face-quality.js';
import { defaultQualityGate, type QualityGate, refusalOf, requireUsableGate } from './quality-gate.js';

const quality: FaceQuality = {
  faceSizePixels: 100,
  detectionProbability: 0.9,
  sharpness: 80,
  brightness: 120,
  pose: { yawDegrees: -20, pitchDegrees: 10, rollDegrees: 0 },
  utility: 80,
  occlusion: { mouth: 0, nose: 0.2, eyes: 0 },
  detailPixels: 60,
  appearance: [0.5],
  embeddingNorm: 10,
};
const face = { rho: 0.4, quality };

describe('refusalOf', () => {
  it('lets a good face through the default gate, and any face through an empty one', () => {
    expect(refusalOf(face, defaultQualityGate)).toBeUndefined();
    expect(
      refusalOf({ rho: 0, quality: { ...quality, faceSizePixels: 1, sharpness: 0 } }, {}),
    ).toBeUndefined();
  });

  it.each<{ gate: QualityGate; reason: string; measure: string }>([
    { gate: { minimumFaceSizePixels: 100.5 }, reason: 'FACE_TOO_SMALL', measure: 'pixels' },
    { gate: { minimumDetectionProbability: 0.91 }, reason: 'FACE_DOUBTFUL', measure: 'probability' },
    { gate: { minimumUtility: 81 }, reason: 'FACE_UNFIT', measure: 'utility' },
    { gate: { minimumDetailPixels: 61 }, reason: 'FACE_TOO_BLURRED', measure: 'detail_pixels' },
    { gate: { maximumOcclusion: 0.1 }, reason: 'FACE_OCCLUDED', measure: 'occlusion' },
    { gate: { minimumSharpness: 81 }, reason: 'FACE_TOO_BLURRED', measure: 'sharpness' },
    { gate: { minimumRho: 0.41 }, reason: 'LOW_FRONTNESS', measure: 'rho' },
    { gate: { maximumYawDegrees: 19 }, reason: 'FACE_TOO_PROFILE', measure: 'yaw_degrees' },
    { gate: { maximumPitchDegrees: 9 }, reason: 'FACE_LOOKS_UP_OR_DOWN', measure: 'pitch_degrees' },
  ])('refuses by $gate with $reason, and says the measure and the limit', ({ gate, reason, measure }) => {
    const refusal = refusalOf(face, gate);
    expect(refusal).toMatchObject({ reason, metadata: { measure, limit: String(Object.values(gate)[0]) } });
    expect(refusal?.message).toContain(measure);
  });

  it('counts a face at the limit as good enough', () => {
    const limits: QualityGate = {
      minimumFaceSizePixels: 100,
      minimumDetectionProbability: 0.9,
      minimumSharpness: 80,
      minimumRho: 0.4,
      maximumYawDegrees: 20,
      maximumPitchDegrees: 10,
    };
    expect(refusalOf(face, limits)).toBeUndefined();
  });
});

describe('requireUsableGate', () => {
  it('names every limit that is outside its range, by its proto path', () => {
    const wrong = { minimumRho: 1.5, maximumYawDegrees: Number.NaN, minimumSharpness: 3 };
    expect(() => requireUsableGate(wrong, 'quality_gate')).toThrow(
      expect.objectContaining({
        reason: 'INVALID_ARGUMENT',
        fieldViolations: [
          expect.objectContaining({ field: 'quality_gate.minimum_rho' }),
          expect.objectContaining({ field: 'quality_gate.maximum_yaw_degrees' }),
        ] as unknown,
      }),
    );
    expect(requireUsableGate(defaultQualityGate, 'quality_gate')).toBe(defaultQualityGate);
  });
});
