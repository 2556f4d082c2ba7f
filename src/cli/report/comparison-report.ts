import type { CompareBenchmarkRunsResponse__Output } from '../../generated/symface/v1/CompareBenchmarkRunsResponse.js';
import { falseMatchRateText, intervalText, points } from '../../core/protocols/figure-text.js';
import { tableLines } from './table.js';

/** A difference in accuracy is called real where its p is below. */
const significance = 0.05;

/** Two models on the same pairs, for people. */
export function comparisonLines(comparison: CompareBenchmarkRunsResponse__Output): readonly string[] {
  const { pairCount, onlyFirstRightCount, onlySecondRightCount, pValue, accuracyDifference } = comparison;
  const rates = comparison.trueAcceptRateDifferences.map(({ falseMatchRate, difference, interval }) => [
    falseMatchRateText(falseMatchRate),
    points(difference),
    intervalText(interval, points),
  ]);
  return [
    `${verdict(comparison)} (McNemar's exact test, p = ${pValue.toPrecision(3)})`,
    `  ${pairCount} pairs; only the first is right on ${onlyFirstRightCount}, only the second on ${onlySecondRightCount}`,
    `  accuracy  ${points(accuracyDifference)} ${intervalText(comparison.accuracyDifferenceInterval, points)}`.trimEnd(),
    ...tableLines(['FMR', 'TAR, SECOND - FIRST', '95 % INTERVAL'], rates).map((line) => `  ${line}`),
  ];
}

function verdict({ pValue, accuracyDifference }: CompareBenchmarkRunsResponse__Output): string {
  if (pValue >= significance) return 'The models do not differ beyond chance.';
  return accuracyDifference > 0 ? 'The second model is better.' : 'The first model is better.';
}
