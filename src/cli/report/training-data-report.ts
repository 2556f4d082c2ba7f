import { counted } from '../../core/counted.js';
import type { TrainingData__Output } from '../../generated/symface/v1/TrainingData.js';

/** What there is to train on, for people. */
export function trainingDataLines(data: TrainingData__Output): readonly string[] {
  const { enrolledFaceCount, enrolledIdentityCount, consentingFaceCount, consentingIdentityCount } = data;
  const { faceCount, identityCount, frontalFaceCount, heldOutIdentityCount } = data;
  const share = faceCount === 0 ? '' : `, ${((100 * frontalFaceCount) / faceCount).toFixed(1)} %`;
  return [
    `enrolled    ${counted(enrolledFaceCount, 'face')} of ${counted(enrolledIdentityCount, 'identity', 'identities')}`,
    `consenting  ${counted(consentingFaceCount, 'face')} of ${counted(consentingIdentityCount, 'identity', 'identities')}`,
    `trainable   ${counted(faceCount, 'face')} of ${counted(identityCount, 'identity', 'identities')} with enough of them; ${frontalFaceCount} frontal${share}`,
    ...(heldOutIdentityCount === 0
      ? []
      : [`held out    ${counted(heldOutIdentityCount, 'identity', 'identities')}, to compare on`]),
    'A retraining would begin.',
  ];
}
