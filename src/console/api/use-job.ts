import { useClient } from './session.js';
import { type Followed, useFollowed } from './use-followed.js';
import { type Job, JobService, type WatchJobResponse } from '../generated/symface/v1/job_service_pb.js';

/** A job as it is now, and with every change until it has ended. @param name empty: none is followed */
export function useJob(name: string): Followed<Job> {
  const jobs = useClient(JobService);
  const watched = useFollowed<WatchJobResponse>(
    name === '' ? undefined : (signal) => jobs.watchJob({ name }, { signal }),
    [jobs, name],
  );
  return { ...watched, value: watched.value?.job };
}
