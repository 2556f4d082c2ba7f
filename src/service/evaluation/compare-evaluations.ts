import type { OutcomeComparison } from '../../core/protocols/compare-outcomes.js';
import type { Evaluation } from './evaluation.js';
import type { PairOutcomes } from '../../core/protocols/pair-outcomes.js';
import { Failure } from '../../core/failure.js';
import type { EvaluationStore } from './evaluation-store.js';
import type { VerificationStatistics } from './statistics/verification-statistics.js';
import { requireReport } from './ended-evaluation.js';

/** Two models on the same pairs: is the difference real? */
export class CompareEvaluations {
  constructor(
    private readonly store: Pick<EvaluationStore, 'get' | 'outcomesOf'>,
    private readonly statistics: Pick<VerificationStatistics, 'compare'>,
  ) {}

  /** @throws Failure EVALUATION_NOT_FOUND, EVALUATION_NOT_SUCCEEDED, EVALUATIONS_NOT_COMPARABLE */
  async execute(firstId: string, secondId: string): Promise<OutcomeComparison> {
    const [first, second] = [await this.store.get(firstId), await this.store.get(secondId)];
    requireSamePairs(first, second);
    return this.statistics.compare(await this.outcomes(firstId), await this.outcomes(secondId));
  }

  private async outcomes(id: string): Promise<PairOutcomes> {
    const outcomes = await this.store.outcomesOf(id);
    if (outcomes !== undefined) return outcomes;
    throw notComparable(
      `The evaluation ${id} was measured before outcomes of pairs were kept. Run it again.`,
    );
  }
}

function requireSamePairs(first: Evaluation, second: Evaluation): void {
  requireReport(first);
  requireReport(second);
  if (digestOf(first) !== digestOf(second)) {
    throw notComparable(
      'The evaluations are of different pairs or images. Evaluate both models on one data set.',
    );
  }
  if (first.facelessPolicy !== 'different' || second.facelessPolicy !== 'different') {
    throw notComparable(
      'Where pairs without a face are left out, each model decides on other pairs. Evaluate both counting them as ' +
        '"different".',
    );
  }
}

function digestOf({ end }: Evaluation): string {
  return end?.state === 'succeeded' ? end.datasetDigest : '';
}

function notComparable(message: string): Failure {
  return new Failure('EVALUATIONS_NOT_COMPARABLE', message);
}
