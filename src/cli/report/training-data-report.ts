import type { TrainingData__Output } from '../../generated/symface/v1/TrainingData.js';

/** What there is to train on, for people. */
export function trainingDataLines(data: TrainingData__Output): readonly string[] {
  const { enrolledFaceCount, enrolledIdentityCount, consentingFaceCount, consentingIdentityCount } = data;
  const { faceCount, identityCount, frontalFaceCount } = data;
  const share = faceCount === 0 ? '' : `, ${((100 * frontalFaceCount) / faceCount).toFixed(1)} %`;
  return [
    `enrolled    ${enrolledFaceCount} faces of ${enrolledIdentityCount} identities`,
    `consenting  ${consentingFaceCount} faces of ${consentingIdentityCount} identities`,
    `trainable   ${faceCount} faces of ${identityCount} identities with enough of them; ${frontalFaceCount} frontal${share}`,
    'A retraining would begin.',
  ];
}
