import type { JobType } from '../jobs/job-type.js';
import { toBenchmarkJobMessage } from './benchmark-messages.js';
import type { RunBenchmark } from './run-benchmark.js';

/** Jobs that run a verification protocol on a model. */
export function benchmarkJobs(run: Pick<RunBenchmark, 'execute'>): JobType {
  return {
    kind: 'benchmark',
    work: async (job, context) => run.execute(job, context),
    message: (job) => ({ benchmarkRun: toBenchmarkJobMessage(job) }),
  };
}
