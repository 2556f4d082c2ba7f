import { counted } from '../../../core/counted.js';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { addressOf } from '../../app/route.js';
import { FacePicture } from '../../components/face-picture.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { ImageInput } from '../../components/image-input.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { forgetPhotograph, isProblem, type Photograph, readPhotograph } from '../../components/photograph.js';
import { Section } from '../../components/section.js';
import {
  type Candidate,
  FaceVerificationService,
  type IdentifyResponse,
} from '../../generated/symface/v1/face_verification_service_pb.js';
import { FaceSelection } from '../../generated/symface/v1/image_pb.js';
import { collectionNamed, idOf } from './names.js';

interface Identified {
  readonly photograph: Photograph;
  readonly answer: IdentifyResponse;
}

/** Whom of a collection a photograph resembles most. */
export function IdentifyPhotograph({ collectionId }: { readonly collectionId: string }): JSX.Element {
  const client = useClient(FaceVerificationService);
  const [identified, setIdentified] = useState<Identified | undefined>(undefined);
  const [problem, setProblem] = useState('');
  const search = useAction(async (signal, file: File) => {
    forgetPhotograph(identified?.photograph);
    setIdentified(undefined);
    setProblem('');
    const photograph = await readPhotograph(file);
    if (isProblem(photograph)) {
      setProblem(photograph.problem);
      return;
    }
    const image = { content: photograph.bytes };
    const collection = collectionNamed(collectionId);
    const request = { collection, image, faceSelection: FaceSelection.LARGEST };
    setIdentified({ photograph, answer: await client.identify(request, { signal }) });
  });
  return (
    <Section
      title="Identify"
      lead="Who is it? The largest face of the photograph is compared with everybody here."
    >
      <ImageInput
        label="Photograph to identify"
        onFiles={([file]) => {
          if (file !== undefined) search.run(file);
        }}
      >
        {identified && (
          <FacePicture
            url={identified.photograph.url}
            alt="The photograph to identify"
            width={0}
            height={0}
            faces={[]}
          />
        )}
      </ImageInput>
      {problem !== '' && <p role="alert">{problem}</p>}
      <FailureNotice failure={search.failure} />
      <p class="muted" role="status">
        {search.isRunning && 'Searching …'}
        {identified && `Compared with ${counted(identified.answer.searchedFaceCount, 'face')}.`}
      </p>
      {identified && <Candidates collectionId={collectionId} candidates={identified.answer.candidates} />}
    </Section>
  );
}

interface CandidatesProps {
  readonly collectionId: string;
  readonly candidates: readonly Candidate[];
}

function Candidates({ collectionId, candidates }: CandidatesProps): JSX.Element {
  if (candidates.length === 0) return <p>Nobody is enrolled here yet.</p>;
  return (
    <ListTable
      label="Candidates"
      columns={columnsOf(collectionId)}
      rows={candidates}
      keyOf={({ subject }) => subject}
    />
  );
}

/** The decision comes first: it is what the photograph was given for. */
function columnsOf(collectionId: string): readonly Column<Candidate>[] {
  return [
    {
      heading: 'Candidate',
      kind: 'name',
      cell: ({ subject, subjectDisplayName }) => (
        <>
          <a href={addressOf('people', collectionId, idOf(subject))}>{idOf(subject)}</a> {subjectDisplayName}
        </>
      ),
    },
    {
      heading: 'Decision',
      cell: ({ matched }) => (
        <span class={matched ? 'tag tag-good' : 'tag'}>{matched ? 'match' : 'no match'}</span>
      ),
    },
    { heading: 'Similarity', kind: 'number', cell: ({ similarity }) => similarity.toFixed(3) },
    {
      heading: 'Threshold',
      kind: 'number',
      cell: ({ threshold }) => (threshold === undefined ? 'none known' : threshold.similarity.toFixed(3)),
    },
    {
      heading: 'Probability',
      kind: 'number',
      cell: ({ matchProbability }) =>
        matchProbability === undefined
          ? ''
          : `${(100 * Math.min(Math.max(matchProbability, 0.001), 0.999)).toFixed(1)} %`,
    },
  ];
}
