import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { ModelService } from '../../generated/symface/v1/model_service_pb.js';
import type { KnownModel } from './known-model.js';

interface RollBackButtonProps {
  /** What served before. */
  readonly before: KnownModel;
  readonly isDisabled: boolean;
  readonly onJob: (jobName: string) => void;
}

export function RollBackButton({ before, isDisabled, onJob }: RollBackButtonProps): JSX.Element {
  const models = useClient(ModelService);
  const rollBack = useAction(async (signal) => {
    const { job } = await models.rollBackActivation({}, { signal });
    onJob(job?.name ?? '');
  });
  return (
    <>
      <ConfirmButton
        label="Roll back"
        question={`Go back to ${before.id}?`}
        confirm="Roll back"
        kind="danger"
        isDisabled={isDisabled || rollBack.isRunning}
        onConfirm={rollBack.run}
      >
        <p>
          It serves again once the faces that were enrolled since have been embedded by it. Calls are answered
          meanwhile.
        </p>
      </ConfirmButton>
      <FailureNotice failure={rollBack.failure} />
    </>
  );
}
