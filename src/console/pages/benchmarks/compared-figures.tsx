import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
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
  const rows: readonly (readonly [string, (run: ReportedRun) => string])[] = [
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
  ];
  return (
    <div class="table-scroll" role="region" aria-label="Figures" tabIndex={0}>
      <table>
        <caption class="for-screen-readers">Figures of the runs, with 95 % intervals</caption>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            {runs.map(({ run }, index) => (
              <th key={run.name} scope="col" class="number">
                <a href={addressOf('benchmarks', 'runs', idIn(run.name))}>{names[index]}</a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, textOf]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {runs.map((reported) => (
                <td key={reported.run.name} class="number">
                  {textOf(reported)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A constant embedding has a ratio of 1 and an area of one half, the worst. */
const halfRows: readonly (readonly [string, (run: ReportedRun) => string])[] = [
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
