import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { Loading } from '../../components/loading.js';
import { Pager, usePaging } from '../../components/pager.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import { type Job, JobKind, JobService, JobState } from '../../generated/symface/v1/job_service_pb.js';
import { JobStanding } from './job-standing.js';
import { isOpen, kindNames, modelOf, stateNames } from '../../format/job-words.js';

const pageSize = 20;
/** New jobs are looked for so often; those that go on are followed. */
const lookEveryMs = 10_000;
/** Browsers keep six connections to a service of HTTP/1.1: some must be left for calls. */
const mostFollowed = 3;

/** Jobs of all kinds, newest first. */
export function JobList(): JSX.Element {
  const jobs = useClient(JobService);
  const paging = usePaging();
  const [kind, setKind] = useState(JobKind.UNSPECIFIED);
  const [state, setState] = useState(JobState.UNSPECIFIED);
  const { token: pageToken } = paging;
  const loaded = useLoaded(
    async (signal) => jobs.listJobs({ pageSize, pageToken, kind, state }, { signal }),
    [jobs, pageToken, kind, state],
  );
  const { reload } = loaded;
  useEffect(() => {
    const timer = setInterval(reload, lookEveryMs);
    return () => {
      clearInterval(timer);
    };
  }, [reload]);
  return (
    <Section
      title="Jobs"
      actions={
        <>
          <Choice
            label="Kind"
            names={kindNames}
            value={kind}
            onChange={(chosen) => {
              paging.restart();
              setKind(chosen);
            }}
          />
          <Choice
            label="State"
            names={stateNames}
            value={state}
            onChange={(chosen) => {
              paging.restart();
              setState(chosen);
            }}
          />
        </>
      }
    >
      <Loading loaded={loaded}>
        {({ jobs: listed, nextPageToken }) => (
          <>
            <JobTable
              jobs={listed}
              isFiltered={kind !== JobKind.UNSPECIFIED || state !== JobState.UNSPECIFIED}
            />
            <Pager paging={paging} nextToken={nextPageToken} label="jobs" />
          </>
        )}
      </Loading>
    </Section>
  );
}

interface ChoiceProps<Value extends number> {
  readonly label: string;
  readonly names: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

function Choice<Value extends number>({ label, names, value, onChange }: ChoiceProps<Value>): JSX.Element {
  return (
    <label>
      <span class="for-screen-readers">{label}</span>
      <select
        value={value}
        onChange={(event) => {
          onChange(Number(event.currentTarget.value) as Value);
        }}
      >
        {Object.entries<string>(names).map(([number, name]) => (
          <option key={number} value={number}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface JobTableProps {
  readonly jobs: readonly Job[];
  readonly isFiltered: boolean;
}

function JobTable({ jobs, isFiltered }: JobTableProps): JSX.Element {
  if (jobs.length === 0) {
    return isFiltered ? (
      <p>No job is of that kind and state.</p>
    ) : (
      <p>
        Nothing was asked for yet. <a href={addressOf('learning', 'retrain')}>Retrain</a> shows what there is
        to train on; <code>symface retrain</code> does the same on the command line.
      </p>
    );
  }
  const followed = new Set(jobs.filter(isOpen).slice(-mostFollowed));
  return (
    <ListTable
      label="Jobs, newest first"
      columns={columnsOf(followed)}
      rows={jobs}
      keyOf={({ name }) => name}
    />
  );
}

function columnsOf(followed: ReadonlySet<Job>): readonly Column<Job>[] {
  return [
    {
      heading: 'Job',
      kind: 'name',
      cell: ({ name, kind }) => <a href={addressOf('learning', 'jobs', idIn(name))}>{kindNames[kind]}</a>,
    },
    { heading: 'State', cell: (job) => <JobStanding listed={job} isFollowed={followed.has(job)} /> },
    { heading: 'Model', cell: modelOf },
    {
      heading: 'Asked for',
      cell: ({ createTime, actor }) => (
        <>
          <Time value={createTime} />
          <div class="muted">by {actor}</div>
        </>
      ),
    },
  ];
}
