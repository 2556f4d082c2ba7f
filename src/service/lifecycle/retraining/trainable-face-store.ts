import type { TrainableFace } from '../../../training/enrolled-faces/trainable-face.js';
import type { RetrainingPolicy } from './retraining-policy.js';
import type { TrainingDataCounts } from './training-data-counts.js';

/** The enrolled faces of all tenants that may be trained on. Every method may throw Failure DATABASE_UNAVAILABLE. */
export interface TrainableFaceStore {
  count(policy: Pick<RetrainingPolicy, 'minimumFacesPerIdentity' | 'tau'>): Promise<TrainingDataCounts>;
  /** Those of subjects with enough faces, one subject after the other; never all in memory. */
  read(minimumFacesPerIdentity: number): AsyncIterable<TrainableFace>;
  /** Counts how many of these faces are enrolled still and may still be trained on. */
  countTrainable(faceIds: readonly string[]): Promise<number>;
}
