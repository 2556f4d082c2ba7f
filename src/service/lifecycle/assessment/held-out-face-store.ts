import type { FaceToEmbed } from '../../enrolment/faces/template-store.js';

/** An enrolled face whose subject consents to training. */
export interface ConsentingFace {
  readonly faceId: string;
  /** As in `TrainableFace`. */
  readonly identity: string;
}

/** Enrolled faces that models are compared on. Every method may throw Failure DATABASE_UNAVAILABLE. */
export interface HeldOutFaceStore {
  /** Of all tenants' subjects who consent and have two faces or more; in the order of subjects and ids. */
  consentingFaces(): Promise<readonly ConsentingFace[]>;
  /** Of these, those that are enrolled still, and whose subject consents still. */
  crops(faceIds: readonly string[]): Promise<readonly FaceToEmbed[]>;
}
