import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { useJob } from '../../api/use-job.js';
import { addressOf } from '../../app/route.js';
import { Progress } from '../../components/progress.js';
import { idIn } from '../../format/names.js';
import { type Job, JobKind, JobService, JobState } from '../../generated/symface/v1/job_service_pb.js';

/** One benchmark after the other runs; those that wait are on the page of jobs. */
const mostShown = 2;

/** Benchmarks that run, live. @param onEnded called when one has ended, so that its run may be listed */
export function RunningBenchmarks({ onEnded }: { readonly onEnded: () => void }): JSX.Element | null {
  const jobs = useClient(JobService);
  const { value } = useLoaded(
    async (signal) =>
      jobs.listJobs({ kind: JobKind.BENCHMARK, state: JobState.RUNNING, pageSize: mostShown }, { signal }),
    [jobs],
  );
  if (value === undefined || value.jobs.length === 0) return null;
  return (
    <ul class="plain" aria-label="Benchmarks that run">
      {value.jobs.map((job) => (
        <RunningBenchmark key={job.name} listed={job} onEnded={onEnded} />
      ))}
    </ul>
  );
}

function RunningBenchmark({
  listed,
  onEnded,
}: {
  readonly listed: Job;
  readonly onEnded: () => void;
}): JSX.Element | null {
  const { value: job = listed } = useJob(listed.name);
  const hasEnded = job.endTime !== '';
  useEffect(() => {
    if (hasEnded) onEnded();
  }, [hasEnded]);
  if (hasEnded || job.work.case !== 'benchmarkRun') return null;
  const { dataset, modelVersion, finishedImageCount, imageCount } = job.work.value;
  return (
    <li>
      <a href={addressOf('learning', 'jobs', idIn(job.name))}>
        {idIn(dataset)}, {idIn(modelVersion)}
      </a>
      <Progress label="Images measured" done={finishedImageCount} total={imageCount} unit="images" />
    </li>
  );
}
