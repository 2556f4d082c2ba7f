import type { VerificationStatistics } from './statistics/verification-statistics.js';
import type { PairedComparison } from '../../core/protocols/compare-pair-scores.js';
import { Failure } from '../../core/failure.js';
import type { BenchmarkRun } from './benchmark-run.js';
import type { BenchmarkStore } from './benchmark.store.js';

/** Two models on the same pairs: is the difference real? */
export class CompareBenchmarkRuns {
  constructor(
    private readonly store: Pick<BenchmarkStore, 'getRun' | 'outcomesOf'>,
    private readonly statistics: Pick<VerificationStatistics, 'compare'>,
  ) {}

  /** @throws Failure BENCHMARK_RUN_NOT_FOUND, BENCHMARK_RUNS_NOT_COMPARABLE */
  async execute(firstId: string, secondId: string): Promise<PairedComparison> {
    requireSamePairs(await this.store.getRun(firstId), await this.store.getRun(secondId));
    const [first, second] = [await this.store.outcomesOf(firstId), await this.store.outcomesOf(secondId)];
    return this.statistics.compare(first, second);
  }
}

function requireSamePairs(first: BenchmarkRun, second: BenchmarkRun): void {
  if (first.datasetDigest !== second.datasetDigest) {
    throw notComparable(
      'The benchmark runs are of different pairs or images. Run both models on one data set.',
    );
  }
  if (first.facelessPolicy !== 'different' || second.facelessPolicy !== 'different') {
    throw notComparable(
      'Where pairs without a face are left out, each model decides on other pairs. Run both counting them as ' +
        '"different".',
    );
  }
}

function notComparable(message: string): Failure {
  return new Failure('BENCHMARK_RUNS_NOT_COMPARABLE', message);
}
