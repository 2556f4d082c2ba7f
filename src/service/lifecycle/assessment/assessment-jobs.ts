import type { JobType } from '../../jobs/job-type.js';
import { toAssessmentMessage } from './assessment-messages.js';
import type { RunAssessment } from './run-assessment.js';

/** Jobs that compare a candidate with what serves. */
export function assessmentJobs(run: Pick<RunAssessment, 'execute'>): JobType {
  return {
    kind: 'assessment',
    work: async (job, context) => run.execute(job, context),
    message: (job) => ({ assessment: toAssessmentMessage(job) }),
  };
}
