import { counted } from '../../core/counted.js';
import type { CalibrateFromEnrolledFacesResponse__Output } from '../../generated/symface/v1/CalibrateFromEnrolledFacesResponse.js';
import { present } from '../session.js';
import { calibrationLines } from './calibration-report.js';

/** A calibration by the enrolled faces, for people, and what to beware of. */
export function enrolledCalibrationLines(response: CalibrateFromEnrolledFacesResponse__Output): {
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
} {
  const { subjectCount, faceCount, unmeasuredFaceCount, suspectPairCount } = response;
  const warnings = [
    'A person who is enrolled as two subjects of one collection counts as two strangers, and raises the thresholds.',
  ];
  if (suspectPairCount > 0) {
    warnings.push(
      `${suspectPairCount} pairs of two subjects are of one person with a probability above 0.99. Find out which ` +
        '(symface identify), merge or delete them, and calibrate again.',
    );
  }
  if (unmeasuredFaceCount > 0) {
    warnings.push(
      `${unmeasuredFaceCount} faces were passed over: they were enrolled before it was measured how they look. ` +
        'Enrol them again.',
    );
  }
  return {
    lines: [
      `${counted(faceCount, 'face')} of ${counted(subjectCount, 'subject')}`,
      ...calibrationLines(present(response.calibration)),
    ],
    warnings,
  };
}
