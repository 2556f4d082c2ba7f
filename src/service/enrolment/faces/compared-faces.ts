import { cosineSimilarity } from '../../../core/verification/similarity.js';
import { type ComparedTemplate, expectedOf } from '../../../core/verification/pair-judgement.js';
import type { ComparableFace } from './enrolment.js';

/** An enrolled face that a probe was compared with. */
export interface ComparedFace extends ComparedTemplate {
  readonly faceId: string;
}

/** A probe beside each of a subject's faces. */
export function comparedFaces(
  probe: Pick<ComparableFace, 'embedding' | 'appearance'>,
  enrolled: readonly ComparableFace[],
): readonly ComparedFace[] {
  return enrolled.map(({ faceId, embedding, appearance }) => ({
    faceId,
    embedding,
    similarity: cosineSimilarity(probe.embedding, embedding),
    expected: expectedOf(probe.appearance, appearance),
  }));
}
