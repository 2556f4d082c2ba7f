import type { JobType } from '../jobs/job-type.js';
import { toKeyRotationMessage } from './encryption-messages.js';
import type { RunKeyRotation } from './run-key-rotation.js';

/** Jobs that seal everything by a new data key. */
export function keyRotationJobs(run: Pick<RunKeyRotation, 'execute'>): JobType {
  return {
    kind: 'key-rotation',
    work: async (job, context) => run.execute(job, context),
    message: (job) => ({ keyRotation: toKeyRotationMessage(job) }),
  };
}
