import { describe, expect, it } from 'vitest';

import type { Failure } from '../../../core/failure.js';
import { defaultRetrainingPolicy } from './retraining-policy.js';
import {
  countsOf,
  isFrontalEnough,
  requireEnoughData,
  type TrainingDataCounts,
} from './training-data-counts.js';

const enough: TrainingDataCounts = {
  enrolledIdentities: 50,
  enrolledFaces: 300,
  consentingIdentities: 30,
  consentingFaces: 180,
  identities: 20,
  faces: 100,
  frontalFaces: 20,
};

function failureOf(counts: Partial<TrainingDataCounts>): Failure {
  try {
    requireEnoughData({ ...enough, ...counts }, defaultRetrainingPolicy);
  } catch (error) {
    return error as Failure;
  }
  throw new Error('it was not refused');
}

describe('requireEnoughData', () => {
  it('lets the least that is enough pass', () => {
    expect(() => {
      requireEnoughData(enough, defaultRetrainingPolicy);
    }).not.toThrow();
  });

  it('says that identities are missing, with all counts', () => {
    const { reason, message, metadata } = failureOf({ identities: 19 });
    expect(reason).toBe('TRAINING_DATA_INSUFFICIENT');
    expect(message).toContain(
      '19 identities have at least 2 faces that may be trained on, and 20 are needed',
    );
    expect(message).toContain('Enrolled are 300 faces of 50 identities');
    expect(message).toContain('180 faces of 30 identities');
    expect(message).not.toContain('% of the faces');
    expect(metadata).toEqual({
      enrolled_identities: '50',
      enrolled_faces: '300',
      consenting_identities: '30',
      consenting_faces: '180',
      identities: '19',
      faces: '100',
      frontal_faces: '20',
    });
  });

  it('refuses nothing for want of frontal faces, whom it finds too few', () => {
    expect(isFrontalEnough({ faces: 100, frontalFaces: 20 }, { minimumFrontalShare: 0.2 })).toBe(true);
    expect(isFrontalEnough({ faces: 100, frontalFaces: 19 }, { minimumFrontalShare: 0.2 })).toBe(false);
  });

  it('does not speak of a share of no faces', () => {
    const { message } = failureOf({ identities: 0, faces: 0, frontalFaces: 0 });
    expect(message).not.toContain('NaN');
    expect(message).toContain('0 identities');
  });
});

describe('countsOf', () => {
  it('counts what may be trained on as the store does', () => {
    const rhos = [[0.9, 0.2, 0.1], [0.3], [], [0.21, 0.05]];
    expect(countsOf(rhos, { minimumFacesPerIdentity: 2, tau: 0.2 })).toEqual({
      enrolledIdentities: 3,
      enrolledFaces: 6,
      consentingIdentities: 3,
      consentingFaces: 6,
      identities: 2,
      faces: 5,
      // ρ = 0.2 is not above τ.
      frontalFaces: 2,
    });
  });
});
