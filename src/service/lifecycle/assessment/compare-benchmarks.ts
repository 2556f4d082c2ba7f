import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchmarkComparison, figuresOf } from './assessment.js';
import type { StartedBenchmark } from './assessment-job.js';
import type { Requester } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import type { Job } from '../../jobs/job.js';
import { benchmarkOrderOf, benchmarkProgressOf } from '../../evaluation/benchmark-run.js';
import type { BenchmarkStore } from '../../evaluation/benchmark.store.js';
import type { CompareBenchmarkRuns } from '../../evaluation/compare-benchmark-runs.js';
import type { CreateBenchmarkRun } from '../../evaluation/create-benchmark-run.js';
import type { JobQueue } from '../../jobs/job-queue.js';

interface CompareBenchmarksParts {
  readonly create: Pick<CreateBenchmarkRun, 'execute'>;
  readonly queue: Pick<JobQueue, 'get' | 'cancel'>;
  readonly runs: Pick<BenchmarkStore, 'getRun'>;
  readonly compare: Pick<CompareBenchmarkRuns, 'execute'>;
}

export interface BenchmarkComparisonInput {
  readonly baseline: string;
  readonly candidate: string;
  readonly datasetIds: readonly string[];
  /** The one in whose name the benchmarks are run. */
  readonly requester: Requester;
  /** The benchmarks that an earlier attempt started. */
  readonly started: readonly StartedBenchmark[];
  readonly signal: AbortSignal;
  readonly onStarted: (started: readonly StartedBenchmark[]) => void;
  readonly onImages: (done: number, total: number) => void;
}

const lookEveryMs = 250;

/** Compares both models on each data set, by benchmark jobs that are listed and shown like any other. */
export class CompareBenchmarks {
  constructor(private readonly parts: CompareBenchmarksParts) {}

  /** @throws Failure DATASET_NOT_FOUND, JOB_CANCELLED; of a benchmark that failed; the signal's reason */
  async execute(order: BenchmarkComparisonInput): Promise<readonly BenchmarkComparison[]> {
    const started = await this.start(order);
    try {
      await this.untilEnded(started, order);
    } catch (error) {
      await this.endWhereNobodyWants(started, order);
      throw error;
    }
    const comparisons: BenchmarkComparison[] = [];
    for (const benchmark of started) comparisons.push(await this.compared(benchmark));
    return comparisons;
  }

  private async start({
    baseline,
    candidate,
    datasetIds,
    requester,
    started,
    onStarted,
  }: BenchmarkComparisonInput): Promise<readonly StartedBenchmark[]> {
    const all: StartedBenchmark[] = [];
    for (const datasetId of datasetIds) {
      const earlier = started.find((benchmark) => benchmark.datasetId === datasetId);
      if (earlier !== undefined && (await this.isUsable(earlier))) {
        all.push(earlier);
        continue;
      }
      const jobOf = async (modelVersion: string): Promise<Job> =>
        this.parts.create.execute({ datasetId, facelessPolicy: 'different', modelVersion }, requester);
      const [one, other] = [await jobOf(baseline), await jobOf(candidate)];
      all.push({ datasetId, baselineRun: one.id, candidateRun: other.id });
      onStarted(all);
    }
    return all;
  }

  /** One that failed or was cancelled is run again; images that were measured are not. */
  private async isUsable(benchmark: StartedBenchmark): Promise<boolean> {
    const jobs = await this.jobsOf([benchmark]);
    return jobs.every(({ state }) => state !== 'failed' && state !== 'cancelled');
  }

  private async untilEnded(
    started: readonly StartedBenchmark[],
    { signal, onImages }: BenchmarkComparisonInput,
  ): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const jobs = await this.jobsOf(started);
      for (const job of jobs) requireNotFailed(job);
      const total = jobs.reduce((sum, job) => sum + benchmarkOrderOf(job).imageCount, 0);
      onImages(
        jobs.reduce((sum, job) => sum + finishedImageCount(job), 0),
        total,
      );
      if (jobs.every(({ endTime }) => endTime !== undefined)) return;
      await sleep(lookEveryMs);
    }
  }

  /** A shutdown leaves them to go on; otherwise nobody waits for them any more. */
  private async endWhereNobodyWants(
    started: readonly StartedBenchmark[],
    { signal, requester }: BenchmarkComparisonInput,
  ): Promise<void> {
    const { reason } = signal as { readonly reason: unknown };
    if (signal.aborted && reason instanceof Failure && reason.reason !== 'CANCELLED') return;
    for (const { baselineRun, candidateRun } of started) {
      for (const id of [baselineRun, candidateRun]) await this.parts.queue.cancel(id, requester);
    }
  }

  private async jobsOf(started: readonly StartedBenchmark[]): Promise<readonly Job[]> {
    const jobs: Job[] = [];
    for (const { baselineRun, candidateRun } of started) {
      jobs.push(await this.parts.queue.get(baselineRun), await this.parts.queue.get(candidateRun));
    }
    return jobs;
  }

  private async compared(benchmark: StartedBenchmark): Promise<BenchmarkComparison> {
    const { baselineRun, candidateRun } = benchmark;
    const baseline = await this.parts.runs.getRun(baselineRun);
    const candidate = await this.parts.runs.getRun(candidateRun);
    return {
      ...benchmark,
      baseline: figuresOf(baseline.report),
      candidate: figuresOf(candidate.report),
      difference: await this.parts.compare.execute(baselineRun, candidateRun),
    };
  }
}

function finishedImageCount(job: Job): number {
  if (job.endTime !== undefined) return benchmarkOrderOf(job).imageCount;
  return benchmarkProgressOf(job)?.finishedImageCount ?? 0;
}

function requireNotFailed(job: Job): void {
  const { id, state, failure } = job;
  const { datasetId } = benchmarkOrderOf(job);
  if (state === 'cancelled') {
    const message = `The benchmark on ${datasetId} was cancelled, which this waits for.`;
    throw new Failure('JOB_CANCELLED', message, { job_id: id });
  }
  if (state !== 'failed') return;
  if (failure?.reason === undefined) throw new Error(`the benchmark ${id} on ${datasetId} failed`);
  throw new Failure(failure.reason, `The benchmark on ${datasetId} failed: ${failure.message}`, {
    ...failure.metadata,
    job_id: id,
  });
}
