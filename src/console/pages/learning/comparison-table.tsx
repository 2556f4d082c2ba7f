import type { JSX } from 'preact';
import { type Column, ListTable } from '../../components/list-table.js';
import type { VerificationFigures } from '../../generated/symface/v1/benchmark_pb.js';
import { falseMatchRateText, percent, points, signed } from '../../../core/protocols/figure-text.js';

interface ComparisonTableProps {
  /** What both were measured on: "Identities held out", "Data set lfw, 6,000 pairs". */
  readonly on: string;
  /** "Parent" or "Serves now". */
  readonly baselineName: string;
  readonly baseline: VerificationFigures;
  readonly candidate: VerificationFigures;
}

/** Figures of two models on the same pairs, side by side. */
export function ComparisonTable(props: ComparisonTableProps): JSX.Element {
  const { on, baselineName, baseline, candidate } = props;
  const columns: readonly Column<Figure>[] = [
    { heading: 'Figure', kind: 'name', cell: ({ name }) => name },
    { heading: baselineName, kind: 'number', cell: ({ before, text }) => text(before) },
    { heading: 'Candidate', kind: 'number', cell: ({ after, text }) => text(after) },
    {
      heading: 'Difference',
      kind: 'number',
      cell: ({ before, after, difference }) => difference(after - before),
    },
  ];
  return (
    <ListTable
      label={on}
      isLabelShown
      columns={columns}
      rows={figuresOf(baseline, candidate)}
      keyOf={({ name }) => name}
    />
  );
}

interface Figure {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly text: (value: number) => string;
  readonly difference: (value: number) => string;
}

function figuresOf(baseline: VerificationFigures, candidate: VerificationFigures): readonly Figure[] {
  const rates = baseline.trueAcceptRates.flatMap(({ falseMatchRate, trueAcceptRate }) => {
    const same = candidate.trueAcceptRates.find((rate) => rate.falseMatchRate === falseMatchRate);
    if (same === undefined) return [];
    return [share(`TAR at FMR ${falseMatchRateText(falseMatchRate)}`, trueAcceptRate, same.trueAcceptRate)];
  });
  return [
    share('accuracy', baseline.accuracyMean, candidate.accuracyMean),
    share('equal error rate', baseline.equalErrorRate, candidate.equalErrorRate),
    ...rates,
    ...halfFigures(baseline, candidate),
  ];
}

function share(name: string, before: number, after: number): Figure {
  return { name, before, after, text: percent, difference: (value) => `${points(value)} points` };
}

/** What both make of the halves of symmetric faces; none where it is not known. */
function halfFigures(
  { halves: before }: VerificationFigures,
  { halves: after }: VerificationFigures,
): readonly Figure[] {
  if (before === undefined || after === undefined) return [];
  return [
    {
      name: 'distance of halves over that of different persons’',
      before: before.distanceRatio,
      after: after.distanceRatio,
      text: (ratio) => ratio.toFixed(3),
      difference: (ratio) => signed(ratio, 3),
    },
    share('half-to-half AUC', before.areaUnderCurve, after.areaUnderCurve),
  ];
}
