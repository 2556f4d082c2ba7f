import type { SymFaceClient } from '../../src/client/index.js';
import type { Job__Output } from '../../src/generated/symface/v1/Job.js';
import type { NewJob } from '../../src/service/jobs/new-job.js';
import { someCaller } from './enrolments.js';

/** A job without anything to do, all but its kind. */
export const someJob: Omit<NewJob, 'kind'> = { input: null, requester: someCaller, details: {} };

/** The states of a job until it has ended. */
export async function statesOf(
  client: SymFaceClient,
  { name }: Pick<Job__Output, 'name'>,
): Promise<readonly Job__Output[]> {
  const states: Job__Output[] = [];
  for await (const { job } of client.job.watchJob({ name })) states.push(job!);
  return states;
}
