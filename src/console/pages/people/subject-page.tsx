import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { useLoaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Loading } from '../../components/loading.js';
import { PageFrame } from '../../components/page-frame.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import {
  type DeletionReceipt,
  EnrollmentService,
  type Subject,
} from '../../generated/symface/v1/enrollment_service_pb.js';
import { EnrolPhotographs } from './enrol-photographs.js';
import { EnrolledFaces } from './enrolled-faces.js';
import { MergeForm } from './merge-form.js';
import { subjectNamed } from './names.js';
import { ReceiptNotice } from './receipt-notice.js';

interface SubjectPageProps {
  readonly collectionId: string;
  readonly subjectId: string;
}

/** One person: the faces, the consent, and what ends it. */
export function SubjectPage({ collectionId, subjectId }: SubjectPageProps): JSX.Element {
  const client = useClient(EnrollmentService);
  const name = subjectNamed(collectionId, subjectId);
  const [receipt, setReceipt] = useState<DeletionReceipt | undefined>(undefined);
  const [generation, setGeneration] = useState(0);
  const loaded = useLoaded(
    async (signal) => (await client.getSubject({ name }, { signal })).subject,
    [client, name, generation],
  );
  const deletion = useAction(async (signal) => {
    setReceipt((await client.deleteSubject({ name }, { signal })).receipt);
  });
  const refresh = (): void => {
    setGeneration((count) => count + 1);
  };
  const displayName = loaded.value?.displayName ?? '';
  const title = displayName === '' ? subjectId : displayName;
  const back = <a href={addressOf('people', collectionId)}>Collection {collectionId}</a>;
  if (receipt !== undefined) {
    return (
      <PageFrame title={title} lead={back}>
        <ReceiptNotice deleted={name} receipt={receipt} />
      </PageFrame>
    );
  }
  return (
    <PageFrame title={title} lead={back}>
      <Loading loaded={loaded}>
        {(subject) =>
          subject && (
            <>
              <Consent subject={subject} onChanged={refresh} />
              <EnrolledFaces parent={name} generation={generation} onChanged={refresh} />
              <EnrolPhotographs collectionId={collectionId} subjectId={subjectId} onEnrolled={refresh} />
              <MergeForm collectionId={collectionId} target={name} onMerged={refresh} />
              <Section title="Delete the subject">
                <FailureNotice failure={deletion.failure} />
                <ConfirmButton
                  label="Delete the subject"
                  question={`Delete ${subjectId}?`}
                  isDisabled={deletion.isRunning}
                  onConfirm={deletion.run}
                >
                  <p>
                    {subject.faceCount.toLocaleString()} faces go, with their crops and templates. Nothing
                    brings them back.
                  </p>
                </ConfirmButton>
              </Section>
            </>
          )
        }
      </Loading>
    </PageFrame>
  );
}

interface ConsentProps {
  readonly subject: Subject;
  readonly onChanged: () => void;
}

function Consent({ subject, onChanged }: ConsentProps): JSX.Element {
  const client = useClient(EnrollmentService);
  const { name, consentToTrain, updateTime } = subject;
  const change = useAction(async (signal) => {
    await client.updateSubject({ name, consentToTrain: !consentToTrain }, { signal });
    onChanged();
  });
  return (
    <Section
      title="Consent to training"
      lead="Whether these faces may be used to train models. Every change is in the audit log."
    >
      <FailureNotice failure={change.failure} />
      <p class="row">
        <span role="status" class={consentToTrain ? 'tag tag-good' : 'tag'}>
          {consentToTrain ? 'consents' : 'no consent'}
        </span>
        <button type="button" class="button" disabled={change.isRunning} onClick={change.run}>
          {consentToTrain ? 'Withdraw the consent' : 'Record the consent'}
        </button>
        <span class="muted">
          changed <Time value={updateTime} />
        </span>
      </p>
    </Section>
  );
}
