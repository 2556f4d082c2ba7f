import { Option } from 'commander';
import type { SubjectPolicy } from '../generated/symface/v1/SubjectPolicy.js';

/** The value of `--policy`. */
export interface PolicyOption {
  readonly policy: 'best' | 'mean';
}

/** `--policy`: how several faces of a subject are compared. */
export function policyOption(): Option {
  return new Option('--policy <policy>', "the best of the subject's faces, or all of them together")
    .choices(['best', 'mean'])
    .default('best');
}

/** The same as a field of a request. */
export function subjectPolicy({ policy }: PolicyOption): SubjectPolicy {
  return policy === 'mean' ? 'SUBJECT_POLICY_MEAN' : 'SUBJECT_POLICY_BEST';
}
