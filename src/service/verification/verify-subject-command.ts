import type { QualityRequirement } from './embedded-face.js';
import type { RequestedThreshold } from '../../core/verification/threshold.js';
import type { Probe } from './verification-request.js';

/** How the similarities to a subject's faces become one: that of the best face, or the one to all together. */
export type SubjectPolicy = 'best' | 'mean';

export interface VerifySubjectCommand {
  /** The subject's name. */
  readonly subject: string;
  readonly probe: Probe;
  readonly selection: 'exactly-one' | 'largest';
  /** The threshold that was asked for; the model version's own where none was. */
  readonly threshold: RequestedThreshold;
  readonly quality: QualityRequirement;
  readonly policy: SubjectPolicy;
}
