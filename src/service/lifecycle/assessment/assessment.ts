import type { PairedComparison } from '../../../core/protocols/compare-pair-scores.js';
import type { VerificationReport } from '../../../core/protocols/verification-report.js';
import type { VerificationFigures } from '../retraining/training-job.js';

/** Two models on the same pairs. */
export interface MeasuredComparison {
  readonly baseline: VerificationFigures;
  readonly candidate: VerificationFigures;
  /** The second is the candidate. */
  readonly difference: PairedComparison;
}

/** The comparison on faces of enrolled identities that neither was trained on. */
export interface HeldOutComparison extends MeasuredComparison {
  readonly identityCount: number;
  readonly faceCount: number;
}

export interface BenchmarkComparison extends MeasuredComparison {
  readonly datasetId: string;
  /** Ids of benchmark runs. */
  readonly baselineRun: string;
  readonly candidateRun: string;
}

/** What one is to the other, in a unit. */
export interface Amounts {
  readonly baseline: number;
  readonly candidate: number;
}

/** The candidate's threshold at the false match rate in force. */
export interface AssessedCalibration {
  /** Undefined where it is from faces held out. */
  readonly datasetId: string | undefined;
  /** The pairs that it was found on, for people. */
  readonly description: string;
  readonly falseMatchRate: number;
  readonly similarityThreshold: number;
}

/** Everything that is known of a candidate beside the model that serves. */
export interface Assessment {
  /** Ids of model versions. */
  readonly candidate: string;
  readonly baseline: string;
  readonly detector: string;
  /**
   * The comparison; undefined where there are not two such identities with two faces, or nobody asked for it.
   */
  readonly heldOut: HeldOutComparison | undefined;
  readonly benchmarks: readonly BenchmarkComparison[];
  /** Milliseconds of one face on one core, at the fastest. */
  readonly latencyMs: Amounts;
  readonly sizeBytes: Amounts;
  /** The calibration, or why there is none. */
  readonly calibration: AssessedCalibration | { readonly refusal: string };
}

export type CheckName = 'held-out' | 'benchmark' | 'latency' | 'size' | 'calibration';

/** One thing that a candidate must be. */
export interface AssessmentCheck {
  readonly name: CheckName;
  /** The data set of a benchmark. */
  readonly datasetId: string | undefined;
  readonly hasPassed: boolean;
  /** What was found, in a sentence. */
  readonly finding: string;
}

/** The figures of a report that models are compared by. */
export function figuresOf(report: VerificationReport): VerificationFigures {
  return {
    accuracyMean: report.accuracy.mean,
    accuracyStandardDeviation: report.accuracy.standardDeviation,
    equalErrorRate: report.equalErrorRate,
    trueAcceptRates: report.trueAcceptRates.map(({ falseMatchRate, trueAcceptRate }) => ({
      falseMatchRate,
      trueAcceptRate,
    })),
    ...(report.halves && { halves: report.halves }),
  };
}
