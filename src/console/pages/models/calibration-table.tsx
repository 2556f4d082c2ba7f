import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { Loading } from '../../components/loading.js';
import { Time } from '../../components/time.js';
import {
  BenchmarkService,
  type CalibratedThreshold,
  type ModelCalibration,
} from '../../generated/symface/v1/benchmark_service_pb.js';
import { falseMatchRateText } from '../../../core/protocols/figure-text.js';

interface CalibrationTableProps {
  /** "modelVersions/{id}" of a backbone. */
  readonly modelVersion: string;
  /** The false match rate in force. */
  readonly rateInForce: number | undefined;
}

/** The thresholds of a backbone, by false match rate. */
export function CalibrationTable({ modelVersion, rateInForce }: CalibrationTableProps): JSX.Element {
  const benchmarks = useClient(BenchmarkService);
  const calibration = useLoaded(
    async (signal) => benchmarks.getModelCalibration({ modelVersion }, { signal }),
    [benchmarks, modelVersion],
  );
  return (
    <Loading loaded={calibration}>
      {({ calibration: found }) =>
        found === undefined ? (
          <p>
            It has no thresholds. Calibrate it on strangers' photographs: <code>symface calibrate</code>, or assess
            it.
          </p>
        ) : (
          <Thresholds calibration={found} rateInForce={rateInForce} />
        )
      }
    </Loading>
  );
}

interface ThresholdsProps {
  readonly calibration: ModelCalibration;
  readonly rateInForce: number | undefined;
}

function Thresholds({ calibration, rateInForce }: ThresholdsProps): JSX.Element {
  const { thresholds, impostorPairCount, description, createTime } = calibration;
  return (
    <>
      <h3>Thresholds of the cosine similarity</h3>
      <ListTable
        label="Thresholds"
        columns={[
          {
            heading: 'False match rate',
            kind: 'name',
            cell: ({ falseMatchRate }) => (
              <>
                {falseMatchRateText(falseMatchRate)}{' '}
                {falseMatchRate === rateInForce && <span class="tag tag-good">in force</span>}
              </>
            ),
          },
          ...thresholdColumns,
        ]}
        rows={thresholds}
        keyOf={({ falseMatchRate }) => String(falseMatchRate)}
      />
      <p class="muted">
        From {impostorPairCount.toLocaleString()} pairs of strangers: {description}
        {createTime !== '' && (
          <>
            {' '}
            (<Time value={createTime} />)
          </>
        )}
        . Each pair is decided by the threshold of the band that it is in by how it looks, one of which nothing is
        known by that of all pairs alike.
      </p>
    </>
  );
}

const thresholdColumns: readonly Column<CalibratedThreshold>[] = [
  { heading: 'Easiest pairs', kind: 'number', cell: ({ bands }) => similarityText(bands[0]?.similarityThreshold) },
  { heading: 'Hardest', kind: 'number', cell: ({ bands }) => similarityText(bands.at(-1)?.similarityThreshold) },
  { heading: 'All alike', kind: 'number', cell: ({ similarityThreshold }) => similarityText(similarityThreshold) },
  { heading: 'Bands', kind: 'number', cell: ({ bands }) => bands.length },
];

function similarityText(similarity: number | undefined): string {
  return similarity?.toFixed(4) ?? '–';
}
