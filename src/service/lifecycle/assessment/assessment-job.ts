import type { FailureRecord } from '../../../core/failure-record.js';
import type { Job, Json } from '../../jobs/job.js';
import type { Assessment, AssessmentCheck } from './assessment.js';
import type { AssessmentPolicy } from './assessment-policy.js';

/** What an assessment job is asked to do. */
export interface AssessmentInput {
  /** Id of the model version. */
  readonly candidate: string;
  readonly policy: AssessmentPolicy;
  /** Activates it where it passes. */
  readonly activateWhenPassed: boolean;
}

export type AssessmentPhase = 'loading' | 'held-out' | 'benchmarks' | 'timing' | 'calibrating';

/** Benchmarks of an assessment on one data set: kept over attempts, so that what ended is not run again. */
export interface StartedBenchmark {
  readonly datasetId: string;
  /** Ids of the jobs, and of the runs that come of them. */
  readonly baselineRun: string;
  /** It is absent as long as only the first of the two is ordered. */
  readonly candidateRun?: string;
}

export interface AssessmentProgress {
  readonly phase: AssessmentPhase;
  /** What it is compared with: it stays the same whatever is activated meanwhile. */
  readonly baseline?: string;
  readonly benchmarks?: readonly StartedBenchmark[];
  /** Faces of the phase, of both models. */
  readonly done?: number;
  readonly total?: number;
}

/** How an assessment ended. */
export interface AssessmentResult {
  readonly assessment: Assessment;
  readonly checks: readonly AssessmentCheck[];
  readonly hasPassed: boolean;
  /** Id of the activation that it ordered; or why it could not. */
  readonly activation?: { readonly id: string } | { readonly failure: FailureRecord };
}

/** What a job's row holds. */
export function assessmentOrderOf({ input }: Pick<Job, 'input'>): AssessmentInput {
  return input as unknown as AssessmentInput;
}

/** What a job's worker told last; undefined before the first time. */
export function assessmentProgressOf({ progress }: Pick<Job, 'progress'>): AssessmentProgress | undefined {
  return (progress ?? undefined) as unknown as AssessmentProgress | undefined;
}

/** The outcome of a job that has succeeded, whatever the verdict. */
export function assessmentOutcomeOf({ output }: Pick<Job, 'output'>): AssessmentResult | undefined {
  return (output ?? undefined) as unknown as AssessmentResult | undefined;
}

/** The value as a job's row holds it. */
export function assessmentJson(value: AssessmentInput | AssessmentProgress | AssessmentResult): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
