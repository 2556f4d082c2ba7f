import type { JobType } from '../../jobs/job-type.js';
import type { Retrain } from './retrain.js';
import type { TrainingFiles } from './training-files.js';
import { toTrainingMessage } from './training-messages.js';

/** Jobs that fine-tune a backbone. */
export function trainingJobs(
  retrain: Pick<Retrain, 'execute'>,
  files: Pick<TrainingFiles, 'removeTemporary' | 'removeLeft'>,
): JobType {
  return {
    kind: 'training',
    work: async (job, context) => retrain.execute(job, context),
    message: (job, detail) => ({ training: toTrainingMessage(job, detail) }),
    removeLeft: async ({ id, state }) =>
      state === 'succeeded' ? files.removeTemporary(id) : files.removeLeft(id),
  };
}
