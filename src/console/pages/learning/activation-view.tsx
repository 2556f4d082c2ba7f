import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { DetailList } from '../../components/detail-list.js';
import { Section } from '../../components/section.js';
import { idIn } from '../../format/names.js';
import type { Activation } from '../../generated/symface/v1/activation_pb.js';
import { type Job, JobState } from '../../generated/symface/v1/job_service_pb.js';

interface ActivationViewProps {
  readonly job: Job;
  readonly activation: Activation;
}

/** An activation: which model comes to serve, and how many faces have a template under it. */
export function ActivationView({ job, activation }: ActivationViewProps): JSX.Element {
  const { modelVersion, previousModelVersion, faceCount, embeddedFaceCount, leftFaceCount } = activation;
  const model = idIn(modelVersion);
  return (
    <Section title={activation.rollBack ? 'Rolling back' : 'Activating'}>
      {job.state === JobState.SUCCEEDED && (
        <p class="notice notice-good">
          <strong>{model} serves</strong> since then. <a href={addressOf('models')}>Models</a> shows what
          serves now, and rolls back.
        </p>
      )}
      <DetailList
        details={[
          ['Model', <a href={addressOf('models', model)}>{model}</a>],
          previousModelVersion === '' ? undefined : ['Served before', idIn(previousModelVersion)],
          faceCount === 0
            ? undefined
            : [
                'Faces',
                `${embeddedFaceCount.toLocaleString()} of ${faceCount.toLocaleString()} have a template`,
              ],
          leftFaceCount === 0
            ? undefined
            : [
                'Left as they are',
                `${leftFaceCount.toLocaleString()} that were enrolled as embeddings of another model`,
              ],
          activation.skipAssessment ? ['Assessment', 'not asked for'] : undefined,
          activation.withoutThreshold ? ['Threshold', 'not asked for'] : undefined,
        ]}
      />
    </Section>
  );
}
