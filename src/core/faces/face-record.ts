import type { DetectedFace } from './face.js';
import type { FaceQuality } from './quality/face-quality.js';

/** A face and what was measured on it, in pixels of its photograph; without pixels and embedding. */
export interface MeasuredFace extends DetectedFace {
  /** Frontness ρ (SymFace Eq. 7). */
  readonly rho: number;
  /** D (Eq. 6), pixels of the 112x112 ArcFace crop. */
  readonly noseOffsetPixels: number;
  readonly quality: FaceQuality;
}

/** What was measured on a face, without what else is known of it: to be kept. */
export function measurementsOf(face: MeasuredFace): MeasuredFace {
  const { box, landmarks, probability, rho, noseOffsetPixels, quality } = face;
  return { box, landmarks, probability, rho, noseOffsetPixels, quality };
}

/** An enrolled face, without its crop and templates. */
export interface FaceRecord {
  /** UUID. */
  readonly id: string;
  readonly collectionId: string;
  readonly subjectId: string;
  /** Undefined of a face that was enrolled by its embedding: nothing was measured, and there is no crop. */
  readonly face: MeasuredFace | undefined;
  readonly detectorVersion: string;
  /** Model versions under which the face has a template. */
  readonly modelVersions: readonly string[];
  readonly createTime: Date;
}
