import { Failure } from '../../../core/failure.js';
import type { GallerySearch } from '../gallery/gallery-search.js';
import type { QualityGate } from '../quality-gate.js';
import type { EnrolmentCandidate } from './candidate.js';
import type { Enrolment } from './enrolment.js';

/**
 * Refuses the candidates that resemble another subject of the collection, where its gate has a limit.
 * @returns the candidates in their order, and the state of the collection that they were searched in; -1, which is none, where searches saw
 *   different ones
 * @throws Failure of the search
 */
export async function withoutConflicts(
  gallery: GallerySearch,
  judged: readonly EnrolmentCandidate[],
  { subject, modelVersion }: Pick<Enrolment, 'subject' | 'modelVersion'>,
  { maximumOtherSubjectSimilarity: limit }: QualityGate,
  signal: AbortSignal,
): Promise<{ readonly candidates: readonly EnrolmentCandidate[]; readonly revision?: string }> {
  if (limit === undefined || !judged.some(({ accepted }) => accepted)) return { candidates: judged };
  const candidates: EnrolmentCandidate[] = [];
  const revisions = new Set<string>();
  const conflicts = new Map<string, Failure>();
  for (const candidate of judged) {
    if (!candidate.accepted) {
      // The same image again as one that was refused just now.
      const conflict = conflicts.get(candidate.enrolledFaceId ?? '');
      candidates.push(conflict === undefined ? candidate : { accepted: false, error: conflict });
      continue;
    }
    const query = {
      collection: subject,
      modelVersion,
      probe: candidate.newFace.embedding,
      maximumCandidates: 1,
      method: 'exact',
      exceptSubjectId: subject.subjectId,
    } as const;
    const result = await gallery.search(query, signal);
    revisions.add(result.revision);
    const similarity = result.candidates[0]?.similarity ?? -1;
    const conflict = similarity >= limit ? subjectConflict(similarity, limit) : undefined;
    if (conflict !== undefined) conflicts.set(candidate.newFace.id, conflict);
    candidates.push(conflict === undefined ? candidate : { accepted: false, error: conflict });
  }
  const [revision = ''] = revisions;
  // Searches that saw different states agree with none: the writing is then refused and all are searched again.
  return { candidates, revision: revisions.size === 1 ? revision : '-1' };
}

/** The refusal of a face that resembles another subject; it does not say whom. */
function subjectConflict(similarity: number, limit: number): Failure {
  const metadata = { similarity: similarity.toFixed(4), limit: String(limit) };
  return new Failure(
    'SUBJECT_CONFLICT',
    `The face resembles another subject of the collection (similarity ${metadata.similarity}, limit ` +
      `${metadata.limit}). Find the subject with Identify, or raise the gate's maximum_other_subject_similarity.`,
    metadata,
  );
}
