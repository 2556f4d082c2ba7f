import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Field } from '../../components/field.js';
import { Section } from '../../components/section.js';
import { EnrollmentService } from '../../generated/symface/v1/enrollment_service_pb.js';
import { idOf, subjectNamed } from './names.js';

interface MergeFormProps {
  readonly collectionId: string;
  /** Name of the subject that stays. */
  readonly target: string;
  readonly onMerged: () => void;
}

/** Makes one subject of two that are one person. */
export function MergeForm({ collectionId, target, onMerged }: MergeFormProps): JSX.Element {
  const client = useClient(EnrollmentService);
  const [sourceId, setSourceId] = useState('');
  const [said, setSaid] = useState('');
  const merge = useAction(async (signal) => {
    const source = subjectNamed(collectionId, sourceId.trim());
    const { movedFaceCount } = await client.mergeSubjects({ target, source }, { signal });
    setSaid(`Faces of ${sourceId.trim()} that are here now: ${movedFaceCount.toLocaleString()}.`);
    setSourceId('');
    onMerged();
  });
  return (
    <Section title="Merge" lead="If the same person is enrolled twice: the other subject's faces move here.">
      <FailureNotice failure={merge.failure} />
      <Field label="The other subject" hint="its id">
        {(ids) => (
          <input
            {...ids}
            value={sourceId}
            onInput={(event) => {
              setSourceId(event.currentTarget.value);
              merge.reset();
            }}
          />
        )}
      </Field>
      <ConfirmButton
        label="Merge"
        question={`Move all faces of ${sourceId} to ${idOf(target)}?`}
        isDisabled={merge.isRunning || sourceId.trim() === ''}
        onConfirm={merge.run}
      >
        <p>
          The other subject is no more then. Consent to training stays only where both have given it. This
          cannot be undone.
        </p>
      </ConfirmButton>
      <p class="muted" role="status">
        {said}
      </p>
    </Section>
  );
}
