import type { SymFaceServices } from '../../client/service-methods.js';
import type { Job__Output } from '../../generated/symface/v1/Job.js';
import { present } from '../session.js';
import type { Terminal } from '../terminal.js';
import { JobProgress } from './job-progress.js';

/** Shows the progress of a job until it has ended. @returns it as it ended */
export async function followJob(
  terminal: Terminal,
  client: SymFaceServices['job'],
  name: string,
): Promise<Job__Output> {
  const progress = new JobProgress(terminal);
  let last: Job__Output | undefined;
  try {
    for await (const { job } of client.watchJob({ name })) {
      last = present(job);
      progress.update(last);
    }
  } finally {
    progress.stop();
  }
  return present(last ?? null);
}
