import type { CompareBenchmarkRunsResponse__Output } from '../../generated/symface/v1/CompareBenchmarkRunsResponse.js';
import type { Interval__Output } from '../../generated/symface/v1/Interval.js';
import { tableLines } from './table.js';

/** A difference in accuracy is called real where its p is below. */
const significance = 0.05;

/** Two models on the same pairs, for people. */
export function comparisonLines(comparison: CompareBenchmarkRunsResponse__Output): readonly string[] {
  const { pairCount, onlyFirstRightCount, onlySecondRightCount, pValue, accuracyDifference } = comparison;
  const rates = comparison.trueAcceptRateDifferences.map(({ falseMatchRate, difference, interval }) => [
    falseMatchRate.toExponential(0),
    points(difference),
    intervalText(interval),
  ]);
  return [
    `${verdict(comparison)} (McNemar's exact test, p = ${pValue.toPrecision(3)})`,
    `  ${pairCount} pairs; only the first is right on ${onlyFirstRightCount}, only the second on ${onlySecondRightCount}`,
    `  accuracy  ${points(accuracyDifference)} ${intervalText(comparison.accuracyDifferenceInterval)}`.trimEnd(),
    ...tableLines(['FMR', 'TAR, SECOND - FIRST', '95 % INTERVAL'], rates).map((line) => `  ${line}`),
  ];
}

function verdict({ pValue, accuracyDifference }: CompareBenchmarkRunsResponse__Output): string {
  if (pValue >= significance) return 'The models do not differ beyond chance.';
  return accuracyDifference > 0 ? 'The second model is better.' : 'The first model is better.';
}

function points(difference: number): string {
  const sign = difference > 0 ? '+' : '';
  return `${sign}${(difference * 100).toFixed(2)} points`;
}

function intervalText(interval: Interval__Output | null): string {
  return interval === null ? '' : `${points(interval.lower)} to ${points(interval.upper)}`;
}
