import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { DetailList } from '../../components/detail-list.js';
import { Section } from '../../components/section.js';
import { idIn } from '../../format/names.js';
import type { Job } from '../../generated/symface/v1/job_service_pb.js';
import type { Training } from '../../generated/symface/v1/training_pb.js';
import { isOpen } from '../../format/job-words.js';
import { policyText } from './policy-text.js';
import { LookGateSection } from './look-gate.js';
import { ShareChoiceSection } from './share-choice.js';
import { TrainingCurves } from './training-curves.js';
import { dataDetails } from './training-data.js';
import { TrainingPhases } from './training-phases.js';
import { TrainingReports } from './training-reports.js';
import { TrainingResultSection } from './training-result.js';

interface TrainingViewProps {
  readonly job: Job;
  readonly training: Training;
}

/** A training: how far it is, its curves, what was chosen and what came of it. */
export function TrainingView({ job, training }: TrainingViewProps): JSX.Element {
  const { progress, result, policy, parentModelVersion } = training;
  const data = result?.data ?? progress?.data;
  return (
    <>
      {result !== undefined && <TrainingResultSection training={training} result={result} />}
      {isOpen(job) && <TrainingPhases job={job} training={training} />}
      {result?.choice !== undefined && result.modelVersion !== '' && (
        <LookGateSection gate={result.choice.gate} smoothingPixels={result.choice.smoothingPixels} />
      )}
      {result?.choice !== undefined && <ShareChoiceSection choice={result.choice} result={result} />}
      <TrainingCurves curve={progress?.curve} isOver={!isOpen(job)} />
      <Section title="What is trained, and on what">
        <DetailList
          details={[
            [
              'Parent',
              <a href={addressOf('models', idIn(parentModelVersion))}>{idIn(parentModelVersion)}</a>,
            ],
            policy === undefined ? undefined : ['Settings', policyText(policy)],
            ...(data === undefined ? [] : dataDetails(data)),
            [
              'Then',
              training.activateWhenPassed
                ? 'activated where its assessment passes it'
                : 'assessed, and left to you',
            ],
          ]}
        />
      </Section>
      {result !== undefined && <TrainingReports job={job} />}
    </>
  );
}
