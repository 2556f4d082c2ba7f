import type { PairIdentities } from './metrics/identity-bootstrap.js';
import type { ScoredPairs } from './metrics/scored-pairs.js';

/** What a model said of each pair, kept so that models can be compared pair by pair. */
export interface PairOutcomes extends ScoredPairs {
  /** By the threshold that was chosen without the pair's fold. */
  readonly decidedRightly: readonly boolean[];
  /** Undefined where the data set names no persons. */
  readonly identities: readonly PairIdentities[] | undefined;
}
