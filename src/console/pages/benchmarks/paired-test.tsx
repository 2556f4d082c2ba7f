import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { Loading } from '../../components/loading.js';
import { SelectField } from '../../components/select-field.js';
import { Section } from '../../components/section.js';
import {
  BenchmarkService,
  type CompareBenchmarkRunsResponse,
} from '../../generated/symface/v1/benchmark_service_pb.js';
import { falseMatchRateText, intervalText, points, pValueText } from '../../../core/protocols/figure-text.js';
import type { ReportedRun } from './reported-run.js';

interface PairedTestProps {
  readonly runs: readonly ReportedRun[];
  readonly names: readonly string[];
}

/** Two of the runs on the same pairs: is the difference real? */
export function PairedTest({ runs, names }: PairedTestProps): JSX.Element {
  const benchmarks = useClient(BenchmarkService);
  const [places, setPlaces] = useState<readonly [number, number]>([0, 1]);
  const [first, second] = places.map((place) => runs[place]?.run.name ?? '');
  const loaded = useLoaded(
    async (signal) =>
      benchmarks.compareBenchmarkRuns({ first: first ?? '', second: second ?? '' }, { signal }),
    [benchmarks, first, second],
  );
  return (
    <Section title="Is the difference real?" lead="Both models decide the same pairs.">
      {runs.length > 2 && (
        <div class="fields">
          {([0, 1] as const).map((which) => (
            <SelectField
              key={which}
              label={which === 0 ? 'First' : 'Second'}
              options={names.map((name, place) => [place, name])}
              value={places[which]}
              onChange={(place) => {
                setPlaces(([one, other]) => (which === 0 ? [place, other] : [one, place]));
              }}
            />
          ))}
        </div>
      )}
      <Loading loaded={loaded}>
        {(answer) => (
          <Verdict answer={answer} first={names[places[0]] ?? ''} second={names[places[1]] ?? ''} />
        )}
      </Loading>
    </Section>
  );
}

interface VerdictProps {
  readonly answer: CompareBenchmarkRunsResponse;
  readonly first: string;
  readonly second: string;
}

/** A p-value below it is not taken for chance. */
const significance = 0.05;

/**
 * Whether the difference is more than chance: by the bootstrap over persons where the data set names them, since McNemar's test
 * takes pairs of one person for independent.
 */
function isBeyondChance({
  accuracyDifferenceInterval: interval,
  pValue,
}: CompareBenchmarkRunsResponse): boolean {
  return interval === undefined ? pValue < significance : interval.lower > 0 || interval.upper < 0;
}

function Verdict({ answer, first, second }: VerdictProps): JSX.Element {
  const { accuracyDifference, accuracyDifferenceInterval, pValue, pairCount } = answer;
  const { onlyFirstRightCount, onlySecondRightCount, trueAcceptRateDifferences } = answer;
  const interval = intervalText(accuracyDifferenceInterval, points);
  const better = accuracyDifference > 0 ? second : first;
  return (
    <>
      <p class="notice" role="status">
        <strong>
          {isBeyondChance(answer)
            ? `${better} is more accurate beyond chance.`
            : 'No difference beyond chance.'}
        </strong>{' '}
        Of {pairCount.toLocaleString()} pairs only {first} decides {onlyFirstRightCount.toLocaleString()}{' '}
        rightly, and only {second} {onlySecondRightCount.toLocaleString()}: McNemar's exact p{' '}
        {pValueText(pValue)}.
      </p>
      <ListTable
        label={`${second} less ${first}`}
        isLabelShown
        columns={columns}
        rows={[
          ['accuracy', accuracyDifference, interval],
          ...trueAcceptRateDifferences.map(({ falseMatchRate, difference, interval: bounds }): Difference => [
            `TAR at FMR ${falseMatchRateText(falseMatchRate)}`,
            difference,
            intervalText(bounds, points),
          ]),
        ]}
        keyOf={([name]) => name}
      />
    </>
  );
}

/** A figure, the difference of both runs, and its interval in words. */
type Difference = readonly [string, number, string];

const columns: readonly Column<Difference>[] = [
  { heading: 'Figure', kind: 'name', cell: ([name]) => name },
  { heading: 'Difference, points', kind: 'number', cell: ([, difference]) => points(difference) },
  { heading: '95 % interval', kind: 'number', cell: ([, , interval]) => interval },
];
