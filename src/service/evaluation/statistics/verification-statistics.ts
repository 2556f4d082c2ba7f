import type { OutcomeComparison } from '../../../core/protocols/compare-outcomes.js';
import type { PairOutcomes } from '../../../core/protocols/pair-outcomes.js';
import type { MeasuredProtocol, VerificationReport } from '../../../core/protocols/verification-report.js';

/** Computes the metrics of benchmarks where they hold nobody up: the bootstrap takes seconds. */
export interface VerificationStatistics {
  /** @throws Failure DATASET_INVALID where no genuine or no impostor pair counts */
  report(protocol: MeasuredProtocol): Promise<{
    readonly report: VerificationReport;
    readonly outcomes: PairOutcomes;
  }>;
  /** @throws Error where they are not of the same pairs */
  compare(first: PairOutcomes, second: PairOutcomes): Promise<OutcomeComparison>;
}
