import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { useLoaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { ModelChoice } from '../../components/model-choice.js';
import { PageFrame } from '../../components/page-frame.js';
import { Section } from '../../components/section.js';
import { idIn } from '../../format/names.js';
import { TrainingService } from '../../generated/symface/v1/training_service_pb.js';
import { PolicyFields } from './policy-fields.js';
import { emptyDraft, policyOf } from './policy-settings.js';
import { TrainingPlan } from './training-plan.js';
import { useSettled } from './use-settled.js';

/** Asks for a retraining: what there is to train on comes first, and whether it would be refused. */
export function RetrainView(): JSX.Element {
  const trainings = useClient(TrainingService);
  const [parent, setParent] = useState('');
  const [draft, setDraft] = useState(emptyDraft);
  const [activateWhenPassed, setActivates] = useState(false);
  const settled = useSettled({ parent, draft });
  const plan = useLoaded(
    async (signal) => {
      const request = {
        parentModelVersion: settled.parent,
        policy: policyOf(settled.draft),
        validateOnly: true,
      };
      return trainings.createTraining(request, { signal });
    },
    [trainings, settled],
  );
  const start = useAction(async (signal) => {
    const request = { parentModelVersion: parent, policy: policyOf(draft), activateWhenPassed };
    const { job } = await trainings.createTraining(request, { signal });
    window.location.hash = addressOf('learning', 'jobs', idIn(job?.name ?? ''));
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    start.run();
  };
  return (
    <PageFrame title="Retrain" lead={<a href={addressOf('learning')}>All jobs</a>}>
      <form onSubmit={submit}>
        <Section title="Settings" lead="What is left empty has the service's default.">
          <ModelChoice hint="The backbone that is fine-tuned" value={parent} onChange={setParent} />
          <PolicyFields draft={draft} onChange={setDraft} />
          <label class="check">
            <input
              type="checkbox"
              checked={activateWhenPassed}
              onChange={(event) => {
                setActivates(event.currentTarget.checked);
              }}
            />{' '}
            Activate the candidate where its assessment passes it
          </label>
        </Section>
        <TrainingPlan plan={plan} />
        <FailureNotice failure={start.failure} />
        <button
          type="submit"
          class="button button-main"
          disabled={start.isRunning || plan.isLoading || plan.failure !== undefined}
        >
          {start.isRunning ? 'Asking for it …' : 'Start the retraining'}
        </button>
      </form>
    </PageFrame>
  );
}
