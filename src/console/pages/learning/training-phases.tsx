import type { JSX } from 'preact';
import { Progress } from '../../components/progress.js';
import { QueuedNotice } from '../../components/queued-notice.js';
import { Section } from '../../components/section.js';
import { useTimeLeft } from '../../components/use-time-left.js';
import { durationText } from '../../format/durations.js';
import type { Job } from '../../generated/symface/v1/job_service_pb.js';
import {
  type Training,
  TrainingPhase,
  type TrainingProgress,
} from '../../generated/symface/v1/training_pb.js';
import { progressOf, trainingPhaseNames } from '../../format/job-words.js';

/** In the order in which they are done. */
const phases = [
  TrainingPhase.COLLECTING,
  TrainingPhase.PREPARING,
  TrainingPhase.TRAINING,
  TrainingPhase.CHOOSING,
  TrainingPhase.REGISTERING,
] as const;

interface TrainingPhasesProps {
  readonly job: Job;
  readonly training: Training;
}

/** The phases of a training that goes on, with how far it is in the one that it is in. */
export function TrainingPhases({ job, training }: TrainingPhasesProps): JSX.Element {
  const { progress, policy } = training;
  const current = phases.findIndex((phase) => phase === progress?.phase);
  const inPhase = progressOf(job);
  const { done, total, unit } = inPhase;
  const left = useTimeLeft(inPhase);
  return (
    <Section title="Progress">
      <QueuedNotice job={job} />
      <ol class="phases">
        {phases
          .filter((phase) => phase !== TrainingPhase.CHOOSING || policy?.trainedShare === undefined)
          .map((phase) => {
            const isCurrent = phase === progress?.phase;
            const isDone = phases.indexOf(phase) < current;
            return (
              <li key={phase} class={isDone ? 'done' : ''} aria-current={isCurrent ? 'step' : undefined}>
                {trainingPhaseNames[phase]}
                <span class="for-screen-readers">{isDone ? ', done' : isCurrent ? ', now' : ''}</span>
                {isCurrent && (
                  <Progress label={trainingPhaseNames[phase]} done={done} total={total} unit={unit} />
                )}
              </li>
            );
          })}
      </ol>
      <p class="muted" role="status">
        {progress?.phase === TrainingPhase.TRAINING ? speedText(progress) : left}
      </p>
    </Section>
  );
}

function speedText(progress: TrainingProgress): string {
  const { epoch, epochCount, imagesPerSecond, stepCount, finishedStepCount, data } = progress;
  const imagesOfStep = ((data?.faceCount ?? 0) * epochCount) / Math.max(1, stepCount);
  const leftMs = (1000 * imagesOfStep * (stepCount - finishedStepCount)) / imagesPerSecond;
  const left =
    Number.isFinite(leftMs) && leftMs > 0 ? `, about ${durationText(leftMs)} of training left` : '';
  return `Epoch ${epoch} of ${epochCount}, ${imagesPerSecond.toFixed(1)} images/s${left}`;
}
