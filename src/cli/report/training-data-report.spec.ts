import { describe, expect, it } from 'vitest';
import { trainingDataLines } from './training-data-report.js';

const data = {
  enrolledIdentityCount: 180,
  enrolledFaceCount: 1250,
  consentingIdentityCount: 180,
  consentingFaceCount: 1250,
  identityCount: 178,
  faceCount: 1249,
  frontalFaceCount: 457,
  heldOutIdentityCount: 39,
  digest: '',
};

describe('trainingDataLines', () => {
  it('tells how many would be held out', () => {
    expect(trainingDataLines(data)).toEqual([
      'enrolled    1,250 faces of 180 identities',
      'consenting  1,250 faces of 180 identities',
      'trainable   1,249 faces of 178 identities with enough of them; 457 frontal, 36.6 %',
      'held out    39 identities, to compare on',
      'A retraining would begin.',
    ]);
  });

  it('tells nothing of it where nobody is asked for: of a folder', () => {
    expect(trainingDataLines({ ...data, heldOutIdentityCount: 0 }).join()).not.toContain('held out');
  });
});
