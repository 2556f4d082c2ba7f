import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { ModelService } from '../../generated/symface/v1/model_service_pb.js';
import type { KnownModel } from './known-model.js';

interface DeleteButtonProps {
  readonly model: KnownModel;
  readonly onDeleted: (templateCount: bigint) => void;
}

export function DeleteButton({ model, onDeleted }: DeleteButtonProps): JSX.Element {
  const models = useClient(ModelService);
  const remove = useAction(async (signal) => {
    const { templateCount } = await models.deleteModelVersion({ name: model.version.name }, { signal });
    onDeleted(templateCount);
  });
  return (
    <>
      <ConfirmButton
        label="Delete"
        question={`Delete ${model.id} for good?`}
        confirm="Delete for good"
        isDisabled={remove.isRunning}
        onConfirm={remove.run}
      >
        <p>
          Its files go from every replica, and with them the templates that enrolled faces have under it. Benchmark
          runs and assessments are kept. It cannot be undone.
        </p>
        {model.version.servedBefore && (
          <p class="notice notice-failure">It served before: without it there is nothing to roll back to.</p>
        )}
      </ConfirmButton>
      <FailureNotice failure={remove.failure} />
    </>
  );
}
