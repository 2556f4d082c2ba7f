import { idIn, words } from '../../format/names.js';
import type { AssessmentCheck } from '../../generated/symface/v1/assessment_pb.js';

/** What a check of the gate is called: "held out", "benchmark lfw". */
export function checkName({ check, dataset }: AssessmentCheck): string {
  return dataset === '' ? words(check) : `${words(check)} ${idIn(dataset)}`;
}
