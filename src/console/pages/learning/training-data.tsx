import { counted } from '../../../core/counted.js';
import type { Detail } from '../../components/detail-list.js';
import type { TrainingData } from '../../generated/symface/v1/training_pb.js';

/** What there is to train on, of what is enrolled. */
export function dataDetails(data: TrainingData): readonly Detail[] {
  const { faceCount, frontalFaceCount, heldOutIdentityCount } = data;
  const frontal = faceCount === 0 ? '' : ` (${((100 * frontalFaceCount) / faceCount).toFixed(1)} %)`;
  return [
    ['Enrolled', amount(data.enrolledFaceCount, data.enrolledIdentityCount)],
    ['Consenting', amount(data.consentingFaceCount, data.consentingIdentityCount)],
    ['With enough faces', amount(faceCount, data.identityCount)],
    ['Symmetric (ρ > τ)', `${counted(frontalFaceCount, 'face')}${frontal}`],
    heldOutIdentityCount === 0
      ? undefined
      : ['Held out', `${counted(heldOutIdentityCount, 'identity', 'identities')}, for the comparison`],
  ];
}

function amount(faces: number, identities: number): string {
  return `${faces.toLocaleString()} faces of ${identities.toLocaleString()} identities`;
}
