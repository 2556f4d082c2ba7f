import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient, useIsAdmin } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { useLoaded } from '../../api/use-loaded.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Loading } from '../../components/loading.js';
import { Pager, usePaging } from '../../components/pager.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { useObjectUrl } from '../../components/use-object-url.js';
import {
  type DeletionReceipt,
  type EnrolledFace,
  EnrollmentService,
} from '../../generated/symface/v1/enrollment_service_pb.js';
import { idOf } from './names.js';
import { ReceiptNotice } from './receipt-notice.js';

interface EnrolledFacesProps {
  /** The subject's name. */
  readonly parent: string;
  readonly generation: number;
  readonly onChanged: () => void;
}

interface Deleted {
  readonly name: string;
  readonly receipt: DeletionReceipt;
}

/** The faces of a subject. Administrators may look at their crops, which the audit log records. */
export function EnrolledFaces({ parent, generation, onChanged }: EnrolledFacesProps): JSX.Element {
  const client = useClient(EnrollmentService);
  const paging = usePaging();
  const [deleted, setDeleted] = useState<Deleted | undefined>(undefined);
  const listed = useLoaded(
    async (signal) => client.listEnrolledFaces({ parent, pageToken: paging.token }, { signal }),
    [client, parent, paging.token, generation],
  );
  const deletion = useAction(async (signal, name: string) => {
    const { receipt } = await client.deleteEnrolledFace({ name }, { signal });
    if (receipt !== undefined) setDeleted({ name, receipt });
    onChanged();
  });
  return (
    <Section title="Faces">
      {deleted && <ReceiptNotice deleted={deleted.name} receipt={deleted.receipt} />}
      <FailureNotice failure={deletion.failure} />
      <Loading loaded={listed}>
        {({ faces, nextPageToken }) => (
          <>
            {faces.length === 0 && <p>No face is enrolled. Enrol photographs below.</p>}
            <ul class="face-cards">
              {faces.map((face, index) => (
                <FaceCard
                  key={face.name}
                  face={face}
                  number={index + 1}
                  isBusy={deletion.isRunning}
                  onDelete={deletion.run}
                />
              ))}
            </ul>
            <Pager paging={paging} nextToken={nextPageToken} label="Faces" />
          </>
        )}
      </Loading>
    </Section>
  );
}

interface FaceCardProps {
  readonly face: EnrolledFace;
  /** Its place on this page, from 1. */
  readonly number: number;
  readonly isBusy: boolean;
  readonly onDelete: (name: string) => void;
}

function FaceCard({
  face: { name, face, createTime, fromEmbedding },
  number,
  isBusy,
  onDelete,
}: FaceCardProps): JSX.Element {
  const isAdmin = useIsAdmin();
  return (
    <li class="card">
      {isAdmin && !fromEmbedding && <Crop name={name} number={number} />}
      <p class="muted">
        <Time value={createTime} />
        <br />
        {fromEmbedding
          ? 'by its embedding'
          : `utility ${(face?.quality?.utility ?? 0).toFixed(0)}, ρ ${(face?.frontness?.rho ?? 0).toFixed(2)}`}
      </p>
      <ConfirmButton
        label="Delete"
        of={`face ${number}`}
        question="Delete this face?"
        isDisabled={isBusy}
        onConfirm={() => {
          onDelete(name);
        }}
      >
        <p>The face {idOf(name)} goes, with its crop and templates. Nothing brings it back.</p>
      </ConfirmButton>
    </li>
  );
}

/** Shown when it is asked for: each look is recorded. */
function Crop({ name, number }: { readonly name: string; readonly number: number }): JSX.Element {
  const client = useClient(EnrollmentService);
  const [bytes, setBytes] = useState<Uint8Array | undefined>(undefined);
  const url = useObjectUrl(bytes, 'image/png');
  const look = useAction(async (signal) => {
    setBytes((await client.getEnrolledFaceCrop({ name }, { signal })).image);
  });
  return (
    <>
      <FailureNotice failure={look.failure} />
      {url === undefined ? (
        <button
          type="button"
          class="button"
          disabled={look.isRunning}
          onClick={look.run}
          title="The audit log records it"
        >
          Show the crop<span class="for-screen-readers"> of face {number}</span>
        </button>
      ) : (
        <img src={url} alt={`Crop of the face ${idOf(name)}`} />
      )}
    </>
  );
}
