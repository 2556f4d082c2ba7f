import type { PairedComparison } from '../../../core/protocols/compare-pair-scores.js';
import type {
  SubjectCalibration,
  SubjectFace,
} from '../../../core/protocols/calibration/subject-calibration.js';
import type { PairScores } from '../../../core/protocols/pair-scores.js';
import type { MeasuredProtocol, VerificationReport } from '../../../core/protocols/verification-report.js';

/** Computes the metrics of benchmarks where they hold nobody up: the bootstrap takes seconds. */
export interface VerificationStatistics {
  /** @throws Failure DATASET_INVALID where no genuine or no impostor pair counts */
  report(protocol: MeasuredProtocol): Promise<{
    readonly report: VerificationReport;
    readonly outcomes: PairScores;
  }>;
  /** @throws Error where they are not of the same pairs */
  compare(first: PairScores, second: PairScores): Promise<PairedComparison>;
  calibrate(faces: readonly SubjectFace[]): Promise<SubjectCalibration>;
}
