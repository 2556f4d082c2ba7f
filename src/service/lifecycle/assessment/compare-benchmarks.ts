import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchmarkComparison, figuresOf } from './assessment.js';
import type { StartedBenchmark } from './assessment-job.js';
import type { Evaluation } from '../../evaluation/evaluation.js';
import { Failure } from '../../../core/failure.js';
import type { CompareEvaluations } from '../../evaluation/compare-evaluations.js';
import { requireReport } from '../../evaluation/ended-evaluation.js';
import type { RunEvaluations } from '../../evaluation/run-evaluations.js';

interface CompareBenchmarksParts {
  readonly evaluations: Pick<RunEvaluations, 'start' | 'get' | 'cancel'>;
  readonly compare: CompareEvaluations;
}

export interface BenchmarksOrder {
  readonly baseline: string;
  readonly candidate: string;
  readonly datasetIds: readonly string[];
  /** Of an earlier attempt. */
  readonly started: readonly StartedBenchmark[];
  readonly signal: AbortSignal;
  readonly onStarted: (started: readonly StartedBenchmark[]) => void;
  readonly onImages: (done: number, total: number) => void;
}

const lookEveryMs = 250;

/** Both models on each data set, as evaluations that are listed and shown like any other. */
export class CompareBenchmarks {
  constructor(private readonly parts: CompareBenchmarksParts) {}

  /** @throws Failure DATASET_NOT_FOUND; of an evaluation that failed; the signal's reason */
  async execute(order: BenchmarksOrder): Promise<readonly BenchmarkComparison[]> {
    const started = await this.start(order);
    try {
      await this.untilEnded(started, order);
    } catch (error) {
      await this.endWhereNobodyWants(started, order.signal);
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
    started,
    onStarted,
  }: BenchmarksOrder): Promise<readonly StartedBenchmark[]> {
    const all: StartedBenchmark[] = [];
    for (const datasetId of datasetIds) {
      const earlier = started.find((benchmark) => benchmark.datasetId === datasetId);
      if (earlier !== undefined && (await this.isUsable(earlier))) {
        all.push(earlier);
        continue;
      }
      const [one, other] = [
        await this.parts.evaluations.start(datasetId, 'different', baseline),
        await this.parts.evaluations.start(datasetId, 'different', candidate),
      ];
      all.push({ datasetId, baselineEvaluation: one.id, candidateEvaluation: other.id });
      onStarted(all);
    }
    return all;
  }

  /** One that failed or was cancelled is run again; images that were measured are not. */
  private async isUsable(benchmark: StartedBenchmark): Promise<boolean> {
    const evaluations = await this.evaluationsOf([benchmark]);
    return evaluations.every(({ end }) => end === undefined || end.state === 'succeeded');
  }

  private async untilEnded(
    started: readonly StartedBenchmark[],
    { signal, onImages }: BenchmarksOrder,
  ): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const evaluations = await this.evaluationsOf(started);
      for (const evaluation of evaluations) requireNotFailed(evaluation);
      const total = evaluations.reduce((sum, { imageCount }) => sum + imageCount, 0);
      const done = evaluations.reduce(
        (sum, { end, imageCount, finishedImageCount }) =>
          sum + (end === undefined ? finishedImageCount : imageCount),
        0,
      );
      onImages(done, total);
      if (evaluations.every(({ end }) => end !== undefined)) return;
      await sleep(lookEveryMs);
    }
  }

  /** A shutdown leaves them to go on; otherwise nobody waits for them any more. */
  private async endWhereNobodyWants(
    started: readonly StartedBenchmark[],
    signal: AbortSignal,
  ): Promise<void> {
    const { reason } = signal as { readonly reason: unknown };
    if (signal.aborted && reason instanceof Failure && reason.reason !== 'CANCELLED') return;
    for (const { baselineEvaluation, candidateEvaluation } of started) {
      for (const id of [baselineEvaluation, candidateEvaluation]) await this.parts.evaluations.cancel(id);
    }
  }

  private async evaluationsOf(started: readonly StartedBenchmark[]): Promise<readonly Evaluation[]> {
    const evaluations: Evaluation[] = [];
    for (const { baselineEvaluation, candidateEvaluation } of started) {
      evaluations.push(await this.parts.evaluations.get(baselineEvaluation));
      evaluations.push(await this.parts.evaluations.get(candidateEvaluation));
    }
    return evaluations;
  }

  private async compared(benchmark: StartedBenchmark): Promise<BenchmarkComparison> {
    const { baselineEvaluation, candidateEvaluation } = benchmark;
    const [baseline, candidate] = [
      requireReport(await this.parts.evaluations.get(baselineEvaluation)),
      requireReport(await this.parts.evaluations.get(candidateEvaluation)),
    ];
    return {
      ...benchmark,
      baseline: figuresOf(baseline),
      candidate: figuresOf(candidate),
      difference: await this.parts.compare.execute(baselineEvaluation, candidateEvaluation),
    };
  }
}

function requireNotFailed({ id, datasetId, end }: Evaluation): void {
  if (end?.state === 'cancelled') {
    throw new Failure('EVALUATION_NOT_SUCCEEDED', `The benchmark ${id} on ${datasetId} was cancelled.`, {
      evaluation: id,
    });
  }
  if (end?.state !== 'failed') return;
  if (end.reason === undefined) throw new Error(`the benchmark ${id} on ${datasetId} failed`);
  throw new Failure(end.reason, `The benchmark on ${datasetId} failed: ${end.message}`, { evaluation: id });
}
