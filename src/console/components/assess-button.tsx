import type { JSX } from 'preact';
import { useClient } from '../api/session.js';
import { useAction } from '../api/use-action.js';
import { addressOf } from '../app/route.js';
import { idIn } from '../format/names.js';
import { AssessmentService } from '../generated/symface/v1/assessment_service_pb.js';
import { FailureNotice } from './failure-notice.js';

interface AssessButtonProps {
  /** "modelVersions/{id}" of a backbone that does not serve. */
  readonly modelVersion: string;
  /** "Assess", "Assess it again". */
  readonly label: string;
}

/** Has a candidate assessed beside what serves, which changes nothing else, and goes to see it. */
export function AssessButton({ modelVersion, label }: AssessButtonProps): JSX.Element {
  const assessments = useClient(AssessmentService);
  const assess = useAction(async (signal) => {
    const { job } = await assessments.createAssessment({ modelVersion }, { signal });
    window.location.hash = addressOf('learning', 'jobs', idIn(job?.name ?? ''));
  });
  return (
    <>
      <button type="button" class="button" disabled={assess.isRunning} onClick={assess.run}>
        {assess.isRunning ? 'Asking for it …' : label}
      </button>
      <FailureNotice failure={assess.failure} />
    </>
  );
}
