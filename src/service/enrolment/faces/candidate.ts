import { randomUUID } from 'node:crypto';
import { type QualityGate, refusalOf } from '../quality-gate.js';
import { Failure } from '../../../core/failure.js';
import { measurementsOf } from '../../../core/faces/face-record.js';
import type { NewFace } from './enrolment.js';
import type { AnalysisResult } from '../../../inference/analyser/face-analysis.js';
import { isOfImage } from '../../verification/analysed-image.js';

/** What became of one image in the enrolment: it was accepted, refused for good, or is enrolled already. */
export type EnrolmentCandidate =
  | { readonly accepted: true; readonly newFace: NewFace }
  | { readonly accepted: false; readonly error: Failure; readonly enrolledFaceId?: undefined }
  | { readonly accepted: false; readonly enrolledFaceId: string };

/**
 * Fails where an image was not looked at: it must not be recorded as refused, so the whole call fails and may be
 * repeated under the same request id.
 */
export function requireFinished(outcomes: readonly AnalysisResult[]): void {
  for (const outcome of outcomes) {
    if (!outcome.ok && !isOfImage(outcome.error)) throw outcome.error;
  }
}

/** @throws Error for an outcome that {@link requireFinished} refuses */
export function applyQualityGate(
  outcome: AnalysisResult,
  gate: QualityGate,
  imageDigest: Uint8Array,
): EnrolmentCandidate {
  if (!outcome.ok) {
    if (outcome.error instanceof Failure) return { accepted: false, error: outcome.error };
    throw outcome.error;
  }
  const [face] = outcome.image.faces;
  if (face?.embedding === undefined || face.storedCrop === undefined) {
    throw new Error('the engine answered a face without the embedding or crop asked for');
  }
  const refusal = refusalOf(face, gate);
  if (refusal !== undefined) return { accepted: false, error: refusal };
  const { embedding, storedCrop } = face;
  return {
    accepted: true,
    newFace: {
      id: randomUUID(),
      photographed: { face: measurementsOf(face), crop: storedCrop },
      embedding,
      imageDigest,
    },
  };
}
