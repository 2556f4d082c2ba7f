import { assessmentOutcomeOf } from './assessment-job.js';
import { Failure } from '../../../core/failure.js';
import type { JobQueue } from '../../jobs/job-queue.js';

/**
 * The newest assessment of a candidate decides; and only one beside the model that serves now says anything.
 * @throws Failure MODEL_NOT_ASSESSED, MODEL_REJECTED with what it failed by
 */
export async function requirePassed(
  queue: Pick<JobQueue, 'list'>,
  candidate: string,
  serving: string | undefined,
): Promise<void> {
  const [newest] = await queue.list(
    { limit: 1, after: undefined },
    { kind: 'assessment', state: 'succeeded', singletonKey: candidate },
  );
  const outcome = newest && assessmentOutcomeOf(newest);
  const advice = `Assess it first (symface models assess ${candidate}), or say that it is to serve all the same.`;
  if (newest === undefined || outcome === undefined) {
    throw new Failure(
      'MODEL_NOT_ASSESSED',
      `${candidate} was fine-tuned here and never assessed. ${advice}`,
      {
        id: candidate,
      },
    );
  }
  const { baseline } = outcome.assessment;
  if (baseline !== serving) {
    const message = `${candidate} was assessed beside ${baseline}, which no longer serves. ${advice}`;
    throw new Failure('MODEL_NOT_ASSESSED', message, { id: candidate });
  }
  if (outcome.hasPassed) return;
  const failed = outcome.checks.filter((check) => !check.hasPassed);
  const reasons = failed.map(({ name, datasetId, finding }) =>
    datasetId === undefined ? `${name}: ${finding}` : `${name} ${datasetId}: ${finding}`,
  );
  const message = `${candidate} did not pass its assessment: ${reasons.join('; ')}. It serves only where you say so all the same.`;
  throw new Failure('MODEL_REJECTED', message, { id: candidate, job_id: newest.id });
}
