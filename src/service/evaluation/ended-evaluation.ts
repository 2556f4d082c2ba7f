import type { Evaluation } from './evaluation.js';
import type { VerificationReport } from '../../core/protocols/verification-report.js';
import { Failure } from '../../core/failure.js';

/** @throws Failure EVALUATION_NOT_SUCCEEDED */
export function requireReport({ id, end }: Evaluation): VerificationReport {
  if (end?.state === 'succeeded') return end.report;
  const state = end?.state ?? 'still running';
  throw new Failure(
    'EVALUATION_NOT_SUCCEEDED',
    `The evaluation ${id} has no report: it is ${state}. Wait for it, or run it again.`,
    { evaluation: id },
  );
}
