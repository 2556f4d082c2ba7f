import type { FaceToEmbed } from '../../enrolment/faces/face-rows.js';

/** An enrolled face whose subject consents to training. */
export interface ConsentingFace {
  readonly faceId: string;
  /** The identity of the face, as in `TrainableFace`. */
  readonly identity: string;
}

/** Enrolled faces that models are compared on. Every method may throw Failure DATABASE_UNAVAILABLE. */
export interface HeldOutFaceStore {
  /**
   * Reads the faces of all tenants' subjects who consent and have two faces or more, in the order of subjects and ids.
   */
  consentingFaces(): Promise<readonly ConsentingFace[]>;
  /** Reads the crops of those among the faces that are enrolled still and whose subject consents still. */
  crops(faceIds: readonly string[]): Promise<readonly FaceToEmbed[]>;
}
