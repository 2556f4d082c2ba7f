import { counted } from '../../../core/counted.js';
import type { JSX } from 'preact';
import { useIsAdmin } from '../../api/session.js';
import { addressOf } from '../../app/route.js';
import { ActivateButton } from '../../components/activate-button.js';
import { AssessButton } from '../../components/assess-button.js';
import { type Detail, DetailList } from '../../components/detail-list.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import { megabytes } from '../../format/sizes.js';
import { manifestText } from '../../../core/models/manifest-text.js';
import { AssessmentVerdict } from '../../generated/symface/v1/assessment_pb.js';
import { ModelKind } from '../../generated/symface/v1/model_service_pb.js';
import { CalibrationTable } from './calibration-table.js';
import { DeleteButton } from './delete-button.js';
import { type KnownModel, needsAssessment } from './known-model.js';
import { StandingTag } from './standing-tag.js';

interface ModelDetailProps {
  readonly model: KnownModel;
  readonly rateInForce: number | undefined;
  readonly isChanging: boolean;
  readonly onJob: (jobName: string) => void;
  readonly onDeleted: (templateCount: bigint) => void;
}

/** One version: where it comes from, what goes in and comes out, its thresholds, and what can be done with it. */
export function ModelDetail(props: ModelDetailProps): JSX.Element {
  const { model, rateInForce, isChanging, onJob, onDeleted } = props;
  const isAdmin = useIsAdmin();
  const { id, version, standing } = model;
  return (
    <Section
      title={id}
      lead={version.source}
      actions={
        isAdmin &&
        !version.active && (
          <>
            <ActivateButton
              key={`activate ${id}`}
              version={version}
              needsAssessment={needsAssessment(model)}
              isDisabled={isChanging}
              onJob={onJob}
            />
            {version.kind === ModelKind.BACKBONE && (
              <AssessButton key={`assess ${id}`} modelVersion={version.name} label="Assess" />
            )}
            <DeleteButton key={`delete ${id}`} model={model} onDeleted={onDeleted} />
          </>
        )
      }
    >
      <div class="columns">
        <div>
          <DetailList
            details={[
              ['State', <StandingTag standing={standing} />],
              version.activateTime === '' ? undefined : ['Serves since', <Time value={version.activateTime} />],
              ['Licence', version.license],
              ['Registered', <Time value={version.createTime} />],
              ['Size', megabytes(version.graphSizeBytes)],
              ['Latency', latencyOf(model)],
              ['Assessment', verdictOf(model)],
              ...lineageDetails(model, isAdmin),
              ...contractDetails(model),
              ['Contract', <code>{version.contractDigest}</code>],
            ]}
          />
        </div>
        {version.kind === ModelKind.BACKBONE && (
          <div>
            <CalibrationTable modelVersion={version.name} rateInForce={rateInForce} />
          </div>
        )}
      </div>
      <details class="manifest">
        <summary>Manifest</summary>
        <pre tabIndex={0}>{manifestText(model.manifest)}</pre>
      </details>
    </Section>
  );
}

function latencyOf({ latency, version }: KnownModel): JSX.Element | string {
  if (latency === undefined)
    return version.kind === ModelKind.BACKBONE ? 'not measured: an assessment measures it' : 'not measured';
  return (
    <>
      {latency.faceMs.toFixed(1)} ms a face on one core, measured <Time value={latency.time} />
    </>
  );
}

function verdictOf({ assessment, assessmentJob }: KnownModel): JSX.Element | string {
  if (assessment === undefined || assessmentJob === undefined) return 'none';
  const isPassed = assessment.verdict === AssessmentVerdict.PASSED;
  return (
    <>
      <span class={`tag ${isPassed ? 'tag-good' : 'tag-bad'}`}>{isPassed ? 'passed' : 'rejected'}</span>{' '}
      <a href={addressOf('learning', 'jobs', idIn(assessmentJob))}>what it found</a>
    </>
  );
}

function lineageDetails({ manifest: { lineage, training } }: KnownModel, isAdmin: boolean): readonly Detail[] {
  const steps =
    training === undefined ? '' : `${training.configuration}, ${training.steps.toLocaleString()} steps`;
  if (lineage === undefined) return [training && ['Training', `${steps}, from ${training.start}`]];
  const { parent, trainingJob, faceCount, identityCount, heldOutIdentityCount } = lineage;
  return [
    ['Fine-tuned from', <a href={addressOf('models', parent)}>{parent}</a>],
    [
      'On',
      `${counted(faceCount, 'face')} of ${counted(identityCount, 'person')}; ` +
        `${counted(heldOutIdentityCount, 'person')} held out`,
    ],
    [
      'Training',
      <>
        {steps}
        {isAdmin && (
          <>
            : <a href={addressOf('learning', 'jobs', trainingJob)}>what came of it, and which faces it is for</a>
          </>
        )}
      </>,
    ],
  ];
}

function contractDetails({ manifest }: KnownModel): readonly Detail[] {
  const { input, alignment, embedding, precision, family, minimumProbability } = manifest;
  return [
    input && ['Input', `${input.width} × ${input.height} pixels, ${input.channelOrder}, ${input.layout}`],
    typeof alignment === 'string' ? ['Alignment', alignment] : undefined,
    embedding && ['Dimension', embedding.dimension.toLocaleString()],
    embedding && [
      'Test-time augmentation',
      embedding.testTimeAugmentation === 'none' ? 'none' : 'the mirror image is embedded, too',
    ],
    embedding && ['Precision', precision ?? 'float32'],
    family === undefined ? undefined : ['Family', family],
    minimumProbability === undefined ? undefined : ['Least probability', minimumProbability.toLocaleString()],
  ];
}
