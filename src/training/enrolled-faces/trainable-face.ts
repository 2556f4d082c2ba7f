import type { Landmarks } from '../../core/faces/landmarks.js';

/** An enrolled face whose subject consents to training. */
export interface TrainableFace {
  readonly faceId: string;
  /** The person it shows: the same text for all faces of a subject, and no name of anybody. */
  readonly identity: string;
  /** The collection's key: of subjects of two it is not known whether they are two persons. */
  readonly collection: string;
  /** The frontness ρ as it was recorded at enrolment. */
  readonly rho: number;
  /** The landmarks in pixels of the stored crop. */
  readonly landmarks: Landmarks;
  /** The encoded stored crop as it is in the database: encrypted, and bound to the face's id. */
  readonly sealedCrop: Uint8Array;
}
