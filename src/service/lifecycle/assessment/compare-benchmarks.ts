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
  /** Is told of a benchmark that nobody wants any more and that could not be cancelled. */
  readonly onLeft: (error: unknown, jobId: string) => void;
}

export interface BenchmarkComparisonInput {
  readonly baseline: string;
  readonly candidate: string;
  readonly datasetIds: readonly string[];
  /** The one in whose name the benchmarks are run. */
  readonly requester: Requester;
  /** The benchmarks that earlier attempts started. */
  readonly started: readonly StartedBenchmark[];
  readonly signal: AbortSignal;
  /** Is told of all of them, whenever one is ordered. */
  readonly onStarted: (started: readonly StartedBenchmark[]) => void;
  readonly onImages: (done: number, total: number) => void;
}

/** Benchmarks of both models on one data set. */
type BenchmarkPair = Required<StartedBenchmark>;

const lookEveryMs = 250;

/** Compares both models on each data set, by benchmark jobs that are listed and shown like any other. */
export class CompareBenchmarks {
  constructor(private readonly parts: CompareBenchmarksParts) {}

  /**
   * Where it fails, what it has ordered goes on, for another attempt; see {@link end}.
   * @throws Failure DATASET_NOT_FOUND, JOB_CANCELLED; of a benchmark that failed; the signal's reason
   */
  async execute(order: BenchmarkComparisonInput): Promise<readonly BenchmarkComparison[]> {
    const pairs = await this.start(order);
    await this.untilEnded(pairs, order);
    const comparisons: BenchmarkComparison[] = [];
    for (const pair of pairs) comparisons.push(await this.compared(pair));
    return comparisons;
  }

  /** Cancels those that have not ended; one that cannot be is told of. */
  async end(started: readonly StartedBenchmark[], requester: Requester): Promise<void> {
    for (const id of started.flatMap(jobIdsOf)) {
      await this.parts.queue.cancel(id, requester).catch((error: unknown) => {
        this.parts.onLeft(error, id);
      });
    }
  }

  private async start(order: BenchmarkComparisonInput): Promise<readonly BenchmarkPair[]> {
    const started = new Map(order.started.map((benchmark) => [benchmark.datasetId, benchmark]));
    const pairs: BenchmarkPair[] = [];
    for (const datasetId of order.datasetIds) {
      const earlier = started.get(datasetId);
      pairs.push((await this.usable(earlier, order)) ?? (await this.ordered(datasetId, order, started)));
    }
    return pairs;
  }

  /** @returns undefined where there is none to go on with; what is left of it is cancelled */
  private async usable(
    benchmark: StartedBenchmark | undefined,
    { requester }: BenchmarkComparisonInput,
  ): Promise<BenchmarkPair | undefined> {
    if (benchmark === undefined) return undefined;
    if (isPair(benchmark)) {
      const jobs = await this.jobsOf([benchmark]);
      if (jobs.every(({ state }) => state !== 'failed' && state !== 'cancelled')) return benchmark;
    }
    // Both are run again, by the same detector; images that were measured are not measured again.
    await this.end([benchmark], requester);
    return undefined;
  }

  private async ordered(
    datasetId: string,
    { baseline, candidate, requester, onStarted }: BenchmarkComparisonInput,
    started: Map<string, StartedBenchmark>,
  ): Promise<BenchmarkPair> {
    const orderRun = async (modelVersion: string): Promise<string> => {
      const request = { datasetId, facelessPolicy: 'different', modelVersion } as const;
      const { id } = await this.parts.create.execute(request, requester);
      return id;
    };
    // Each as it is ordered: whatever happens next, somebody knows of it.
    const keep = <Benchmark extends StartedBenchmark>(benchmark: Benchmark): Benchmark => {
      started.set(datasetId, benchmark);
      onStarted([...started.values()]);
      return benchmark;
    };
    const first = keep({ datasetId, baselineRun: await orderRun(baseline) });
    return keep({ ...first, candidateRun: await orderRun(candidate) });
  }

  private async untilEnded(
    started: readonly BenchmarkPair[],
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

  private async jobsOf(started: readonly BenchmarkPair[]): Promise<readonly Job[]> {
    const jobs: Job[] = [];
    for (const id of started.flatMap(jobIdsOf)) jobs.push(await this.parts.queue.get(id));
    return jobs;
  }

  private async compared(benchmark: BenchmarkPair): Promise<BenchmarkComparison> {
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

function isPair(benchmark: StartedBenchmark): benchmark is BenchmarkPair {
  return benchmark.candidateRun !== undefined;
}

function jobIdsOf({ baselineRun, candidateRun }: StartedBenchmark): readonly string[] {
  return candidateRun === undefined ? [baselineRun] : [baselineRun, candidateRun];
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
  const message = `The benchmark on ${datasetId} failed: ${failure.message}`;
  throw new Failure(failure.reason, message, { ...failure.metadata, job_id: id }, failure.fieldViolations);
}
