import type { JobType } from '../../jobs/job-type.js';
import type { FollowActiveModels } from '../../models/serving/follow-active-models.js';
import { toActivationMessage } from './activation-messages.js';
import type { RunActivation } from './run-activation.js';

/** Jobs that make another model version serve. */
export function activationJobs(
  run: Pick<RunActivation, 'execute'>,
  models: Pick<FollowActiveModels, 'catchUp'>,
): JobType {
  return {
    kind: 'activation',
    work: async (job, context) => run.execute(job, context),
    message: (job) => ({ activation: toActivationMessage(job) }),
    // Where this replica cannot go over, its log says why.
    beforeSuccessIsTold: async () => {
      await models.catchUp().catch(() => undefined);
    },
  };
}
