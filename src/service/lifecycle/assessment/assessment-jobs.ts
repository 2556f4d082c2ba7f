import type { JobType } from '../../jobs/job-type.js';
import { assessmentProgressOf } from './assessment-job.js';
import { toAssessmentMessage } from './assessment-messages.js';
import type { CompareBenchmarks } from './compare-benchmarks.js';
import type { RunAssessment } from './run-assessment.js';

/** Jobs that compare a candidate with what serves. */
export function assessmentJobs(
  run: Pick<RunAssessment, 'execute'>,
  benchmarks: Pick<CompareBenchmarks, 'end'>,
): JobType {
  return {
    kind: 'assessment',
    work: async (job, context) => run.execute(job, context),
    message: (job) => ({ assessment: toAssessmentMessage(job) }),
    // Nobody waits for its benchmarks any more.
    removeLeft: async (job) => {
      if (job.state === 'succeeded') return;
      await benchmarks.end(assessmentProgressOf(job)?.benchmarks ?? [], job.requester);
    },
  };
}
