import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../api/session.js';
import { useAction } from '../api/use-action.js';
import { idIn } from '../format/names.js';
import { ModelKind, ModelService, type ModelVersion } from '../generated/symface/v1/model_service_pb.js';
import { ConfirmButton } from './confirm-button.js';
import { FailureNotice } from './failure-notice.js';

interface ActivateButtonProps {
  readonly version: ModelVersion;
  /** No assessment has passed it: it serves only if somebody says that it shall all the same. */
  readonly needsAssessment: boolean;
  readonly isDisabled?: boolean;
  readonly onJob: (jobName: string) => void;
}

/** Has a version serve once that is confirmed. What the service would refuse without being told so is a box to tick. */
export function ActivateButton(props: ActivateButtonProps): JSX.Element {
  const { version, needsAssessment, isDisabled = false, onJob } = props;
  const models = useClient(ModelService);
  const [skipAssessment, setSkipAssessment] = useState(false);
  const [allowWithoutThreshold, setAllowWithoutThreshold] = useState(false);
  const activate = useAction(async (signal) => {
    const request = { modelVersion: version.name, skipAssessment, allowWithoutThreshold };
    const { job } = await models.createActivation(request, { signal });
    onJob(job?.name ?? '');
  });
  const isBackbone = version.kind === ModelKind.BACKBONE;
  return (
    <>
      <ConfirmButton
        label="Activate"
        question={`Have ${idIn(version.name)} serve?`}
        kind="main"
        isDisabled={isDisabled || activate.isRunning}
        onConfirm={activate.run}
      >
        <p>
          {isBackbone
            ? 'Every enrolled face is embedded by it first; then all replicas go over. Embeddings that are kept elsewhere cannot be compared with the new ones. '
            : 'All replicas go over to it. '}
          Calls are answered meanwhile, and nothing changes where it fails. You can roll back.
        </p>
        {needsAssessment && (
          <Choice
            label="Serve it although no assessment has passed it"
            isChosen={skipAssessment}
            onChange={setSkipAssessment}
          />
        )}
        {isBackbone && (
          <Choice
            label="Serve it even without a threshold at the rate in force: requests state similarity_threshold then"
            isChosen={allowWithoutThreshold}
            onChange={setAllowWithoutThreshold}
          />
        )}
      </ConfirmButton>
      <FailureNotice failure={activate.failure} />
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly isChosen: boolean;
  readonly onChange: (isChosen: boolean) => void;
}

function Choice({ label, isChosen, onChange }: ChoiceProps): JSX.Element {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={isChosen}
        onChange={(event) => {
          onChange(event.currentTarget.checked);
        }}
      />
      {label}
    </label>
  );
}
