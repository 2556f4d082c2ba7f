import type { ComponentChildren, JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { idIn } from '../../format/names.js';
import type { TrueAcceptRate } from '../../../core/protocols/verification-report.js';
import { falseMatchRateText, intervalText, percent } from '../../../core/protocols/figure-text.js';
import type { ReportedRun } from './reported-run.js';

interface ComparedFiguresProps {
  readonly runs: readonly ReportedRun[];
  readonly names: readonly string[];
}

/** A column a run, a row a figure, each with its interval. */
export function ComparedFigures({ runs, names }: ComparedFiguresProps): JSX.Element {
  const rates = [
    ...new Set(
      runs.flatMap(({ report }) => report.trueAcceptRates.map(({ falseMatchRate }) => falseMatchRate)),
    ),
  ].sort((a, b) => b - a);
  const rows: readonly Row[] = [
    [
      'accuracy',
      ({ report: { accuracy } }) => `${percent(accuracy.mean)} ± ${percent(accuracy.standardDeviation)}`,
    ],
    ['equal error rate', ({ report }) => withInterval(report.equalErrorRate, report.equalErrorRateInterval)],
    ...rates.map(
      (rate) =>
        [
          `TAR at FMR ${falseMatchRateText(rate)}`,
          ({ report }: ReportedRun) => {
            const at = report.trueAcceptRates.find(({ falseMatchRate }) => falseMatchRate === rate);
            return at === undefined ? '' : withInterval(at.trueAcceptRate, at.interval);
          },
        ] as const,
    ),
    ...(runs.some(({ report }) => report.halves !== undefined) ? halfRows : []),
    ['all of it', ({ run }) => <a href={addressOf('benchmarks', 'runs', idIn(run.name))}>the report</a>],
  ];
  return (
    <ListTable
      label="Figures of the runs, with 95 % intervals"
      columns={[
        { heading: 'Figure', kind: 'name', cell: ([name]) => name },
        ...runs.map((reported, index): Column<Row> => ({
          heading: names[index] ?? '',
          kind: 'number',
          cell: ([, textOf]) => textOf(reported),
        })),
      ]}
      rows={rows}
      keyOf={([name]) => name}
    />
  );
}

/** A figure, and how a run's is written. */
type Row = readonly [string, (run: ReportedRun) => ComponentChildren];

/** A constant embedding has a ratio of 1 and an area of one half, the worst. */
const halfRows: readonly Row[] = [
  [
    'distance of halves over that of different persons’',
    ({ report: { halves } }) => halves?.distanceRatio.toFixed(3) ?? '',
  ],
  ['half-to-half AUC', ({ report: { halves } }) => (halves ? percent(halves.areaUnderCurve) : '')],
];

function withInterval(share: number, interval: TrueAcceptRate['interval']): string {
  const bounds = intervalText(interval, percent);
  return bounds === '' ? percent(share) : `${percent(share)} (${bounds})`;
}
