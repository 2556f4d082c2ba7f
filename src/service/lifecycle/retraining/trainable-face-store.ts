import type { Landmarks } from '../../../core/faces/landmarks.js';
import type { RetrainingPolicy } from './retraining-policy.js';
import type { TrainingDataCounts } from './training-data-counts.js';

/** An enrolled face whose subject consents to training. */
export interface TrainableFace {
  readonly faceId: string;
  /** Whom it shows: the same text for all faces of a subject, and no name of anybody. */
  readonly identity: string;
  /** As recorded at enrolment. */
  readonly rho: number;
  /** In pixels of the stored crop. */
  readonly landmarks: Landmarks;
  /** The encoded stored crop as it is in the database: encrypted, and bound to the face's id. */
  readonly sealedCrop: Uint8Array;
}

/** The enrolled faces of all tenants that may be trained on. Every method may throw Failure DATABASE_UNAVAILABLE. */
export interface TrainableFaceStore {
  count(policy: Pick<RetrainingPolicy, 'minimumFacesPerIdentity' | 'tau'>): Promise<TrainingDataCounts>;
  /** Those of subjects with enough faces, one subject after the other; never all in memory. */
  read(minimumFacesPerIdentity: number): AsyncIterable<TrainableFace>;
  /** Of these faces, how many are enrolled still and may still be trained on. */
  countTrainable(faceIds: readonly string[]): Promise<number>;
}
