import type { JSX } from 'preact';
import type { Loaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
import { DetailList } from '../../components/detail-list.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Section } from '../../components/section.js';
import type { CreateTrainingResponse } from '../../generated/symface/v1/training_service_pb.js';
import { dataDetails } from './training-data.js';

/** What there is to train on now, or why a training would be refused and what to do. */
export function TrainingPlan({ plan }: { readonly plan: Loaded<CreateTrainingResponse> }): JSX.Element {
  const { value, failure, isLoading } = plan;
  const data = value?.data;
  return (
    <Section title="What there is to train on">
      <div role="status">
        {isLoading && data === undefined && failure === undefined && <p class="muted">Counting …</p>}
        {failure === undefined && data !== undefined && (
          <>
            <DetailList details={dataDetails(data)} />
            <p class="notice notice-good plan-verdict">A retraining with these settings would begin.</p>
          </>
        )}
      </div>
      <FailureNotice failure={failure} />
      {failure?.reason === 'TRAINING_DATA_INSUFFICIENT' && (
        <p>
          Nobody's faces are trained on who does not consent: set it on{' '}
          <a href={addressOf('people')}>People</a>, or with <code>symface subjects consent ada yes</code>.
          With fewer persons, lower “Fewest identities” under “More settings”; on few the figures are coarse.
        </p>
      )}
    </Section>
  );
}
