import type { Json } from '../../jobs/job.js';
import type { Assessment, AssessmentCheck } from './assessment.js';
import type { AssessmentPolicy } from './assessment-policy.js';

/** What an assessment job is asked to do. */
export interface AssessmentOrder {
  /** Id of the model version. */
  readonly candidate: string;
  readonly policy: AssessmentPolicy;
  /** Activates it where it passes. */
  readonly activates: boolean;
  /** Who asked. */
  readonly actor: string;
  readonly tenant: string;
}

export type AssessmentPhase = 'loading' | 'held-out' | 'benchmarks' | 'timing';

/** A benchmark of an assessment: kept over attempts, so that one that ended is not run again. */
export interface StartedBenchmark {
  readonly datasetId: string;
  readonly baselineEvaluation: string;
  readonly candidateEvaluation: string;
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
export interface AssessmentOutcome {
  readonly assessment: Assessment;
  readonly checks: readonly AssessmentCheck[];
  readonly hasPassed: boolean;
  /** Id of the activation that it ordered; or why it could not. */
  readonly activation?: { readonly id: string } | { readonly refusal: string };
}

/** As a job's row holds it. */
export function assessmentJson(value: AssessmentOrder | AssessmentProgress | AssessmentOutcome): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
