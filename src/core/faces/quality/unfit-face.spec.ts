import { describe, expect, it } from 'vitest';
import type { FaceQuality } from './face-quality.js';
import { unfitness } from './unfit-face.js';

const poor: FaceQuality = {
  faceSizePixels: 90,
  detectionProbability: 0.99,
  sharpness: 200,
  brightness: 120,
  pose: { yawDegrees: 3, pitchDegrees: 0, rollDegrees: 0 },
  embeddingNorm: 5,
  utility: 10,
  occlusion: { mouth: 0.1, nose: 0.1, eyes: 0.1 },
  detailPixels: 60,
  appearance: [0.5],
};

const limits = { minimumUtility: 25, minimumDetailPixels: 18 };

describe('unfitness', () => {
  it.each([
    ['FACE_TOO_BLURRED', 90],
    ['FACE_TOO_SMALL', 20],
  ])('says %s of too little detail in %d pixels, however useful the face', (reason, faceSizePixels) => {
    const quality = { ...poor, utility: 90, detailPixels: 13, faceSizePixels };
    const failure = unfitness(quality, limits);
    expect(failure?.reason).toBe(reason);
    expect(failure?.metadata).toEqual({ measure: 'detail_pixels', value: '13.0', limit: '18' });
    expect(unfitness({ ...quality, detailPixels: 18 }, limits)).toBeUndefined();
  });

  it.each([
    ['FACE_OCCLUDED', { occlusion: { mouth: 0.9, nose: 0.8, eyes: 0.1 } }, 'the mouth and the nose'],
    ['FACE_TOO_SMALL', { faceSizePixels: 20, detailPixels: 20 }, 'larger'],
    ['FACE_TOO_DARK', { brightness: 12 }, 'more light'],
    ['FACE_TOO_BRIGHT', { brightness: 240 }, 'less light'],
    ['FACE_TOO_BLURRED', { detailPixels: 23 }, 'of 23 pixels'],
    ['FACE_TOO_PROFILE', { pose: { yawDegrees: -70, pitchDegrees: 0, rollDegrees: 0 } }, 'turned'],
    ['FACE_UNFIT', {}, 'evenly lit'],
  ] as const)('says %s and what to do', (reason, difference, text) => {
    const failure = unfitness({ ...poor, ...difference }, limits);
    expect(failure?.reason).toBe(reason);
    expect(failure?.message).toContain(text);
    expect(failure?.metadata).toEqual({ measure: 'utility', value: '10.0', limit: '25' });
  });

  it('refuses nothing from the limit on, whatever the other measures say', () => {
    const quality = { ...poor, utility: 25, brightness: 5, occlusion: { mouth: 1, nose: 1, eyes: 1 } };
    expect(unfitness(quality, limits)).toBeUndefined();
    expect(unfitness({ ...quality, utility: 24.99 }, limits)).toBeDefined();
  });
});
