import { marginOf } from '../../../core/verification/pair-judgement.js';
import type { SimilarityThreshold, ThresholdRule } from '../../../core/verification/threshold.js';
import type { SubjectPolicy } from '../../verification/verify-subject-command.js';
import { comparedFaces } from '../faces/compared-faces.js';
import type { ComparableFace } from '../faces/enrolment.js';
import { judgeSubject } from '../faces/judge-subject.js';
import type { GalleryCandidate } from '../gallery/gallery-search.js';

/** A candidate, and what is made of the comparisons with its subject's faces. */
export interface JudgedCandidate extends GalleryCandidate {
  readonly matched: boolean;
  /** Undefined where none is known for photographs as poor as its faces and the probe. */
  readonly threshold: SimilarityThreshold | undefined;
  readonly matchProbability: number | undefined;
}

/**
 * A stranger whose enrolled photograph is poor may be more similar than the person sought, and further below a threshold of its own: so
 * many candidates are looked for, of which those highest above their thresholds are kept.
 */
export function searchedCandidates(maximumCandidates: number): number {
  return 2 * maximumCandidates + 20;
}

/**
 * Candidates by how far they are above their own thresholds; those without one, which never match, last. A subject is found by its most similar
 * face and judged by all of them; subjects that were deleted meanwhile are left out.
 * @param templates of their faces, by the subject's id
 */
export function judgeCandidates(
  rule: ThresholdRule,
  policy: SubjectPolicy,
  candidates: readonly GalleryCandidate[],
  probe: Pick<ComparableFace, 'embedding' | 'appearance'>,
  templates: ReadonlyMap<string, readonly ComparableFace[]>,
): readonly JudgedCandidate[] {
  const judged = candidates.flatMap((candidate): JudgedCandidate[] => {
    const enrolled = templates.get(candidate.subjectId);
    if (enrolled === undefined) return [];
    const judgement = judgeSubject(rule, policy, comparedFaces(probe, enrolled));
    if (judgement === undefined)
      return [{ ...candidate, matched: false, threshold: undefined, matchProbability: undefined }];
    const { bestFaceId: faceId, ...decision } = judgement;
    return [{ ...candidate, faceId, ...decision }];
  });
  return [...judged].sort((a, b) => marginOfCandidate(b) - marginOfCandidate(a));
}

/** Cosines differ by 2 at most: who has no threshold comes after all who have one, in the order of similarity. */
function marginOfCandidate({ similarity, threshold }: JudgedCandidate): number {
  return threshold === undefined ? similarity - 4 : marginOf({ similarity, threshold });
}
