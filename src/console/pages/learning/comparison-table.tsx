import type { JSX } from 'preact';
import type { VerificationFigures } from '../../generated/symface/v1/benchmark_pb.js';
import { falseMatchRateText, percent, points } from '../../../core/protocols/figure-text.js';

/** Two models on the same pairs. */
export interface ComparedFigures {
  /** "held out", or the data set. */
  readonly on: string;
  readonly pairCount?: number;
  readonly baseline: VerificationFigures;
  readonly candidate: VerificationFigures;
}

interface ComparisonTableProps {
  readonly caption: string;
  /** "Parent" or "Serves now". */
  readonly baselineName: string;
  readonly comparisons: readonly ComparedFigures[];
}

/** Figures of two models side by side. */
export function ComparisonTable({ caption, baselineName, comparisons }: ComparisonTableProps): JSX.Element {
  return (
    <div class="table-scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">On</th>
            <th scope="col">Figure</th>
            <th scope="col" class="number">
              {baselineName}
            </th>
            <th scope="col" class="number">
              Candidate
            </th>
            <th scope="col" class="number">
              Difference, points
            </th>
          </tr>
        </thead>
        <tbody>{comparisons.flatMap(rowsOf)}</tbody>
      </table>
    </div>
  );
}

function rowsOf({ on, pairCount, baseline, candidate }: ComparedFigures): readonly JSX.Element[] {
  const rates = baseline.trueAcceptRates.flatMap(({ falseMatchRate, trueAcceptRate }) => {
    const same = candidate.trueAcceptRates.find((rate) => rate.falseMatchRate === falseMatchRate);
    return same === undefined
      ? []
      : [[`TAR at FMR ${falseMatchRateText(falseMatchRate)}`, trueAcceptRate, same.trueAcceptRate] as const];
  });
  const figures: readonly Figure[] = [
    ['accuracy', baseline.accuracyMean, candidate.accuracyMean],
    ['equal error rate', baseline.equalErrorRate, candidate.equalErrorRate],
    ...rates,
    ...halfFigures(baseline, candidate),
  ];
  return figures.map(([name, before, after, isRatio], index) => (
    <tr key={`${on} ${name}`}>
      {index === 0 && (
        <th scope="rowgroup" rowSpan={figures.length}>
          {on}
          {pairCount !== undefined && <div class="muted">{pairCount.toLocaleString()} pairs</div>}
        </th>
      )}
      <td>{name}</td>
      <td class="number">{isRatio === true ? before.toFixed(3) : percent(before)}</td>
      <td class="number">{isRatio === true ? after.toFixed(3) : percent(after)}</td>
      <td class="number">{points(after - before)}</td>
    </tr>
  ));
}

/** A name, both models' values, and whether these are no shares. */
type Figure = readonly [string, number, number, boolean?];

/** What both make of the halves of symmetric faces; none where it is not known. */
function halfFigures(
  { halves: before }: VerificationFigures,
  { halves: after }: VerificationFigures,
): readonly Figure[] {
  if (before === undefined || after === undefined) return [];
  return [
    ['distance of halves over that of different persons’', before.distanceRatio, after.distanceRatio, true],
    ['half-to-half AUC', before.areaUnderCurve, after.areaUnderCurve],
  ];
}
