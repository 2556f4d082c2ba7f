import type { FaceAppearance } from '../../../core/faces/quality/expected-impostor-similarity.js';
import { expectedOf, judgePair, judgeTemplate, marginOf } from '../../../core/verification/pair-judgement.js';
import type { SimilarityThreshold, ThresholdRule } from '../../../core/verification/threshold.js';
import { comparedFaces } from '../faces/compared-faces.js';
import type { ComparableFace } from '../faces/enrolment.js';
import type { GalleryCandidate } from '../gallery/gallery-search.js';

/** A candidate, and what is made of its similarity. */
export interface JudgedCandidate extends GalleryCandidate {
  readonly matched: boolean;
  /** Undefined where none is known for photographs as poor as its face and the probe. */
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
 * Candidates by how far they are above their own thresholds; those without one, which never match, last.
 * @param appearances of their faces, by id
 */
export function judgeCandidates(
  rule: ThresholdRule,
  candidates: readonly GalleryCandidate[],
  probe: FaceAppearance | undefined,
  appearances: ReadonlyMap<string, FaceAppearance>,
): readonly JudgedCandidate[] {
  const judged = candidates.map((candidate): JudgedCandidate => {
    const expected = expectedOf(probe, appearances.get(candidate.faceId));
    const judgement = judgePair(rule, { similarity: candidate.similarity, expected });
    const { matched = false, threshold, matchProbability } = judgement ?? {};
    return { ...candidate, matched, threshold, matchProbability };
  });
  return highestFirst(judged);
}

/**
 * The same by all faces of each subject together. Subjects that were deleted meanwhile are left out.
 * @param templates of their faces, by the subject's id
 */
export function judgeSubjects(
  rule: ThresholdRule,
  candidates: readonly GalleryCandidate[],
  probe: Pick<ComparableFace, 'embedding' | 'appearance'>,
  templates: ReadonlyMap<string, readonly ComparableFace[]>,
): readonly JudgedCandidate[] {
  const judged = candidates.flatMap((candidate): JudgedCandidate[] => {
    const enrolled = templates.get(candidate.subjectId);
    if (enrolled === undefined) return [];
    const judgement = judgeTemplate(rule, comparedFaces(probe, enrolled));
    const {
      matched = false,
      threshold,
      matchProbability,
      similarity = candidate.similarity,
    } = judgement ?? {};
    return [{ ...candidate, similarity, matched, threshold, matchProbability }];
  });
  return highestFirst(judged);
}

function highestFirst(judged: readonly JudgedCandidate[]): readonly JudgedCandidate[] {
  return [...judged].sort((a, b) => marginOfCandidate(b) - marginOfCandidate(a));
}

/** Cosines differ by 2 at most: who has no threshold comes after all who have one, in the order of similarity. */
function marginOfCandidate({ similarity, threshold }: JudgedCandidate): number {
  return threshold === undefined ? similarity - 4 : marginOf({ similarity, threshold });
}
