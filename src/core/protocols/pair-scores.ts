import type { PairIdentities } from './metrics/identity-bootstrap.js';
import type { ScoredPairs } from './metrics/scored-pairs.js';

/** What a model said of each pair, kept so that models can be compared pair by pair. */
export interface PairScores extends ScoredPairs {
  /** Tells for each pair whether it is decided rightly by the threshold that was chosen without its fold. */
  readonly decidedRightly: readonly boolean[];
  /** The persons of each pair; they are undefined where the data set names none. */
  readonly identities: readonly PairIdentities[] | undefined;
}
