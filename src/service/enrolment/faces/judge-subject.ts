import {
  type Judgement,
  judgePair,
  judgeTemplate,
  marginOf,
} from '../../../core/verification/pair-judgement.js';
import type { ThresholdRule } from '../../../core/verification/threshold.js';
import type { SubjectPolicy } from '../../verification/verify-subject-command.js';
import type { ComparedFace } from './compared-faces.js';

/** What is made of the comparisons with a subject's faces. */
export interface SubjectJudgement extends Judgement {
  /** The face whose similarity is highest above its threshold; of several the first. */
  readonly bestFaceId: string;
}

/**
 * Whether a face is the subject's: by the enrolled face that is highest above its own threshold (`best`), or by all together (`mean`). The one
 * rule of VerifySubject and Identify (docs/adr/0022).
 * @param faces all of the subject's; those beside which no threshold is known do not count
 * @returns undefined where none is known beside any
 */
export function judgeSubject(
  rule: ThresholdRule,
  policy: SubjectPolicy,
  faces: readonly ComparedFace[],
): SubjectJudgement | undefined {
  const judged = faces.flatMap(({ faceId, ...pair }) => {
    const judgement = judgePair(rule, pair);
    return judgement === undefined ? [] : [{ faceId, judgement }];
  });
  const [first, ...others] = judged;
  if (first === undefined) return undefined;
  const best = others.reduce((a, b) => (marginOf(b.judgement) > marginOf(a.judgement) ? b : a), first);
  const judgement = policy === 'best' ? best.judgement : judgeTemplate(rule, faces);
  return judgement && { ...judgement, bestFaceId: best.faceId };
}
