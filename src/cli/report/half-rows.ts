import type { VerificationFigures__Output } from '../../generated/symface/v1/VerificationFigures.js';
import { percent } from '../../core/protocols/figure-text.js';

/** What two models make of halves, in rows of a table: a figure and both models' values. None where it is not known. */
export function halfRows(
  { halves: before }: VerificationFigures__Output,
  { halves: after }: VerificationFigures__Output,
): readonly (readonly string[])[] {
  if (before === null || after === null) return [];
  return [
    ['half ratio', before.distanceRatio.toFixed(3), after.distanceRatio.toFixed(3)],
    ['half AUC', percent(before.areaUnderCurve), percent(after.areaUnderCurve)],
  ];
}
