import type { JSX } from 'preact';
import { counted } from '../../../core/counted.js';
import { useState } from 'preact/hooks';
import { callFailure } from '../../api/failure.js';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { useLeaveQuestion } from '../../app/leave-question.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Field } from '../../components/field.js';
import { ImageInput } from '../../components/image-input.js';
import { forgetPhotograph, isProblem, readPhotograph } from '../../components/photograph.js';
import { Progress } from '../../components/progress.js';
import { Section } from '../../components/section.js';
import { type EnrollResult, EnrollmentService } from '../../generated/symface/v1/enrollment_service_pb.js';
import { subjectNamed } from './names.js';

interface EnrolPhotographsProps {
  readonly collectionId: string;
  /** Whom they show; asked for where undefined. */
  readonly subjectId?: string;
  readonly onEnrolled: () => void;
}

interface Outcome {
  readonly file: string;
  readonly isEnrolled: boolean;
  readonly text: string;
}

const leaveQuestion = 'Photographs are still being enrolled. Leave, and enrol none of those that are left?';

/** Enrols photographs of one person, one after the other, and says of each what became of it. */
export function EnrolPhotographs({
  collectionId,
  subjectId,
  onEnrolled,
}: EnrolPhotographsProps): JSX.Element {
  const client = useClient(EnrollmentService);
  const [askedId, setAskedId] = useState('');
  const [total, setTotal] = useState(0);
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const id = subjectId ?? askedId.trim();
  const enrolment = useAction(async (signal, files: readonly File[]) => {
    setTotal(files.length);
    setOutcomes([]);
    const parent = subjectNamed(collectionId, id);
    try {
      for (const file of files) {
        const outcome = await enrolled(file, async (content) => {
          const request = {
            parent,
            images: [{ content }],
            createSubject: true,
            requestId: crypto.randomUUID(),
          };
          return (await client.enrollFaces(request, { signal })).results[0];
        });
        setOutcomes((before) => [...before, outcome]);
      }
    } finally {
      // Those before the one that failed are in it.
      onEnrolled();
    }
  });
  useLeaveQuestion(enrolment.isRunning, leaveQuestion);
  return (
    <Section title="Enrol photographs" lead="All of one person. The quality gate judges each for itself.">
      {subjectId === undefined && (
        <Field label="Whom they show" hint="the subject's id; one that is not there is made">
          {(ids) => (
            <input
              {...ids}
              value={askedId}
              onInput={(event) => {
                setAskedId(event.currentTarget.value);
              }}
            />
          )}
        </Field>
      )}
      {id === '' ? (
        <p class="muted">Say whom the photographs show, then they can be given here.</p>
      ) : enrolment.isRunning ? null : (
        <ImageInput label={`Photographs of ${id}`} isMultiple onFiles={enrolment.run} />
      )}
      {enrolment.isRunning && (
        <>
          <Progress label="Enrolling" done={outcomes.length} total={total} unit="photographs" />
          <button type="button" class="button" onClick={enrolment.stop}>
            Stop
          </button>
        </>
      )}
      <FailureNotice failure={enrolment.failure} />
      {total > 0 && (
        <Outcomes outcomes={outcomes} leftCount={enrolment.isRunning ? 0 : total - outcomes.length} />
      )}
    </Section>
  );
}

interface OutcomesProps {
  readonly outcomes: readonly Outcome[];
  /** Photographs that it was stopped before. */
  readonly leftCount: number;
}

/** What became of each photograph so far. */
function Outcomes({ outcomes, leftCount }: OutcomesProps): JSX.Element {
  const count = outcomes.filter(({ isEnrolled }) => isEnrolled).length;
  return (
    <>
      <p role="status">
        {count} of {outcomes.length} enrolled.
        {leftCount > 0 && ` ${counted(leftCount, 'photograph')} left out.`}
      </p>
      <ul class="outcomes">
        {outcomes.map(({ file, isEnrolled, text }, index) => (
          <li key={index}>
            <span class={isEnrolled ? 'tag tag-good' : 'tag tag-bad'}>
              {isEnrolled ? 'enrolled' : 'refused'}
            </span>{' '}
            {file}: {text}
          </li>
        ))}
      </ul>
    </>
  );
}

/** A photograph that is refused does not stop the others; a key that is not taken does. */
async function enrolled(
  file: File,
  enrol: (content: Uint8Array) => Promise<EnrollResult | undefined>,
): Promise<Outcome> {
  const photograph = await readPhotograph(file);
  if (isProblem(photograph)) return { file: file.name, isEnrolled: false, text: photograph.problem };
  try {
    const result = await enrol(photograph.bytes);
    const { outcome } = result ?? {};
    if (outcome?.case === 'error') return { file: file.name, isEnrolled: false, text: outcome.value.message };
    const text = result?.alreadyEnrolled === true ? 'is enrolled already' : 'one face';
    return { file: file.name, isEnrolled: true, text };
  } catch (error) {
    const failure = callFailure(error);
    const isOfAll =
      failure === undefined || failure.isUnauthenticated || failure.isTemporary || failure.reason === '';
    if (isOfAll || failure.reason === 'PERMISSION_DENIED') throw error;
    return { file: file.name, isEnrolled: false, text: failure.message };
  } finally {
    forgetPhotograph(photograph);
  }
}
