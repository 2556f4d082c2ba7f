import type { JSX } from 'preact';
import { percent, points, rateText } from '../../format/rates.js';
import type { VerificationFigures } from '../../generated/symface/v1/benchmark_pb.js';

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
      : [[`TAR at FMR ${rateText(falseMatchRate)}`, trueAcceptRate, same.trueAcceptRate] as const];
  });
  const figures = [
    ['accuracy', baseline.accuracyMean, candidate.accuracyMean] as const,
    ['equal error rate', baseline.equalErrorRate, candidate.equalErrorRate] as const,
    ...rates,
  ];
  return figures.map(([name, before, after], index) => (
    <tr key={`${on} ${name}`}>
      {index === 0 && (
        <th scope="rowgroup" rowSpan={figures.length}>
          {on}
          {pairCount !== undefined && <div class="muted">{pairCount.toLocaleString()} pairs</div>}
        </th>
      )}
      <td>{name}</td>
      <td class="number">{percent(before)}</td>
      <td class="number">{percent(after)}</td>
      <td class="number">{points(after - before)}</td>
    </tr>
  ));
}
