import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
import { ActivateButton } from '../../components/activate-button.js';
import { AssessButton } from '../../components/assess-button.js';
import { checkName } from './check-name.js';
import { idIn } from '../../format/names.js';
import { type Assessment, AssessmentVerdict } from '../../generated/symface/v1/assessment_pb.js';
import { ModelService } from '../../generated/symface/v1/model_service_pb.js';

/** What an assessment comes to, and what to do next; nothing before its end. */
export function AssessmentVerdictNotice({
  assessment,
}: {
  readonly assessment: Assessment;
}): JSX.Element | null {
  switch (assessment.verdict) {
    case AssessmentVerdict.PASSED:
      return <Passed assessment={assessment} />;
    case AssessmentVerdict.REJECTED:
      return <Rejected assessment={assessment} />;
    default:
      return null;
  }
}

function Passed({
  assessment: { modelVersion, activation },
}: {
  readonly assessment: Assessment;
}): JSX.Element {
  const candidate = idIn(modelVersion);
  if (activation !== '') {
    return (
      <p class="notice notice-good">
        <strong>{candidate} has passed.</strong> Next:{' '}
        <a href={addressOf('learning', 'jobs', idIn(activation))}>its activation</a>, which this has ordered.
      </p>
    );
  }
  return (
    <div class="notice notice-good">
      <p>
        <strong>{candidate} has passed.</strong> It serves once you activate it.
      </p>
      <Activation modelVersion={modelVersion} />
    </div>
  );
}

/** Activates a candidate that has passed, unless it serves already. */
function Activation({ modelVersion }: { readonly modelVersion: string }): JSX.Element | null {
  const models = useClient(ModelService);
  const loaded = useLoaded(
    async (signal) => models.getModelVersion({ name: modelVersion }, { signal }),
    [models, modelVersion],
  );
  if (loaded.failure !== undefined) return <p>It has been deleted since: {loaded.failure.message}</p>;
  const version = loaded.value?.modelVersion;
  if (version === undefined) return null;
  if (version.active) return <p>It serves now.</p>;
  return (
    <ActivateButton
      version={version}
      needsAssessment={false}
      onJob={(jobName) => {
        window.location.hash = addressOf('learning', 'jobs', idIn(jobName));
      }}
    />
  );
}

function Rejected({ assessment }: { readonly assessment: Assessment }): JSX.Element {
  const candidate = idIn(assessment.modelVersion);
  const failed = assessment.report?.checks.filter(({ passed }) => !passed) ?? [];
  const lacksThresholdOnly = failed.length > 0 && failed.every(({ check }) => check === 'calibration');
  return (
    <div class="notice notice-failure">
      <p>
        <strong>{candidate} was rejected.</strong> It failed by: {failed.map(checkName).join(', ')}.
      </p>
      {lacksThresholdOnly ? (
        <>
          <p>
            All that it lacks is a threshold. Register photographs of other people, one folder a person, on{' '}
            <a href={addressOf('benchmarks')}>Benchmarks</a>, or by{' '}
            <code>symface calibrate --folder photographs/ --model {candidate}</code>. Then assess it again.
          </p>
          <AssessButton modelVersion={assessment.modelVersion} label="Assess it again" />
        </>
      ) : (
        <p>
          Nothing need be done: {idIn(assessment.baselineModelVersion)} is not replaced. All the same:{' '}
          <code>symface models activate {candidate} --unassessed</code>.
        </p>
      )}
    </div>
  );
}
