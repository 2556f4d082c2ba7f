import { counted } from '../../../core/counted.js';
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
import { type DeletionReceipt, EnrollmentService } from '../../generated/symface/v1/enrollment_service_pb.js';
import { EnrolPhotographs } from './enrol-photographs.js';
import { IdentifyPhotograph } from './identify-photograph.js';
import { collectionNamed } from './names.js';
import { QualityGateForm } from './quality-gate-form.js';
import { ReceiptNotice } from './receipt-notice.js';
import { SubjectList } from './subject-list.js';

/** One collection: its subjects, enrolment, identification, its gate. */
export function CollectionPage({ collectionId }: { readonly collectionId: string }): JSX.Element {
  const client = useClient(EnrollmentService);
  const name = collectionNamed(collectionId);
  const [receipt, setReceipt] = useState<DeletionReceipt | undefined>(undefined);
  const [generation, setGeneration] = useState(0);
  const loaded = useLoaded(
    async (signal) => (await client.getCollection({ name }, { signal })).collection,
    [client, name],
  );
  const deletion = useAction(async (signal) => {
    setReceipt((await client.deleteCollection({ name }, { signal })).receipt);
  });
  const displayName = loaded.value?.displayName ?? '';
  const title = displayName === '' ? collectionId : displayName;
  const back = <a href={addressOf('people')}>All collections</a>;
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
        {(collection) =>
          collection && (
            <>
              <div class="columns panels">
                <EnrolPhotographs
                  collectionId={collectionId}
                  onEnrolled={() => {
                    setGeneration((count) => count + 1);
                  }}
                />
                <IdentifyPhotograph collectionId={collectionId} />
              </div>
              <SubjectList collectionId={collectionId} generation={generation} />
              <Section
                title="Quality gate"
                lead="What a photograph must have to be enrolled. An empty limit is not applied."
              >
                <QualityGateForm collection={collection} onSaved={loaded.reload} />
              </Section>
              <Section title="Delete the collection">
                <FailureNotice failure={deletion.failure} />
                <ConfirmButton
                  label="Delete the collection"
                  question={`Delete ${collectionId} and everybody in it?`}
                  isDisabled={deletion.isRunning}
                  onConfirm={deletion.run}
                >
                  <p>
                    {counted(collection.subjectCount, 'subject')} and {counted(collection.faceCount, 'face')}{' '}
                    go, with crops and templates. Nothing brings them back.
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
