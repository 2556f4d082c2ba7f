import type { JSX } from 'preact';
import { DetailList } from '../../components/detail-list.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { durationText } from '../../format/durations.js';
import { words } from '../../format/names.js';
import { JobKind, JobState } from '../../generated/symface/v1/job_service_pb.js';
import type { GetServiceStatusResponse } from '../../generated/symface/v1/operations_service_pb.js';
import { ProblemsSection } from './problems-section.js';

/** Whether it serves, and what it serves with: workers, queue, database, jobs. */
export function HealthSection({ status }: StatusProps): JSX.Element {
  return (
    <>
      <ProblemsSection problems={status.problems} />
      <div class="columns operations-health">
        <GatewaySection status={status} />
        <InferenceSection status={status} />
        <JobsSection status={status} />
      </div>
    </>
  );
}

interface StatusProps {
  readonly status: GetServiceStatusResponse;
}

function GatewaySection({ status }: StatusProps): JSX.Element {
  const { database } = status;
  return (
    <Section title="This gateway">
      <DetailList
        details={[
          ['Readiness', <Verdict isGood={status.ready} good="ready" bad="not ready" />],
          ['Version', status.serviceVersion],
          [
            'Up for',
            <>
              {durationText(Date.now() - Date.parse(status.startTime))}, since{' '}
              <Time value={status.startTime} />
            </>,
          ],
          [
            'Database',
            <>
              <Verdict
                isGood={database?.answers === true}
                good="answers"
                bad="does not answer, or takes no changes"
              />{' '}
              {database?.answers === true && `in ${database.latencyMs.toFixed(1)} ms`}
            </>,
          ],
          ['Kept in', database?.description],
        ]}
      />
    </Section>
  );
}

function InferenceSection({ status: { inference } }: StatusProps): JSX.Element {
  return (
    <Section title="Inference">
      {inference !== undefined && (
        <DetailList
          details={[
            [
              'Queue',
              <>
                <meter
                  aria-label="Share of the queue that is taken"
                  min={0}
                  max={inference.queueCapacity}
                  high={inference.queueCapacity * 0.8}
                  value={inference.queuedImageCount}
                />{' '}
                {inference.queuedImageCount.toLocaleString()} of {inference.queueCapacity.toLocaleString()}{' '}
                images
              </>,
            ],
            [
              'Workers',
              `${inference.runningWorkerCount.toLocaleString()} of ${inference.configuredWorkerCount.toLocaleString()} serve`,
            ],
            ['Workers lost', inference.lostWorkerCount.toLocaleString()],
            ['Calls refused, queue full', inference.shedCallCount.toLocaleString()],
          ]}
        />
      )}
    </Section>
  );
}

function JobsSection({ status }: StatusProps): JSX.Element {
  const openJobs = status.jobs.filter(({ state }) => state === JobState.QUEUED || state === JobState.RUNNING);
  return (
    <Section title="Jobs">
      <DetailList
        details={[
          [
            'Oldest that waits',
            status.oldestDueJobAgeSeconds === 0 ? 'none' : durationText(status.oldestDueJobAgeSeconds * 1000),
          ],
          ...openJobs.map(
            ({ kind, state, jobCount }) =>
              [`${words(JobKind[kind])}, ${words(JobState[state])}`, jobCount.toLocaleString()] as const,
          ),
        ]}
      />
      {openJobs.length === 0 && <p class="muted">Nothing is queued or runs.</p>}
    </Section>
  );
}

interface VerdictProps {
  readonly isGood: boolean;
  readonly good: string;
  readonly bad: string;
}

function Verdict({ isGood, good, bad }: VerdictProps): JSX.Element {
  return <span class={`tag ${isGood ? 'tag-good' : 'tag-bad'}`}>{isGood ? good : bad}</span>;
}
