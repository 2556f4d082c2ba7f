import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { Loading } from '../../components/loading.js';
import { Time } from '../../components/time.js';
import { BenchmarkService, type ModelCalibration } from '../../generated/symface/v1/benchmark_service_pb.js';
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
      <div class="table-scroll" role="region" aria-label="Thresholds" tabIndex={0}>
      <table>
        <caption>Thresholds of the cosine similarity</caption>
        <thead>
          <tr>
            <th scope="col">False match rate</th>
            {['Easiest pairs', 'Hardest pairs', 'All pairs alike', 'Bands'].map((heading) => (
              <th key={heading} scope="col" class="number">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {thresholds.map(({ falseMatchRate, similarityThreshold, bands }) => (
            <tr key={falseMatchRate}>
              <th scope="row">
                {falseMatchRateText(falseMatchRate)}{' '}
                {falseMatchRate === rateInForce && <span class="tag tag-good">in force</span>}
              </th>
              <td class="number">{bands[0]?.similarityThreshold.toFixed(4) ?? '–'}</td>
              <td class="number">{bands.at(-1)?.similarityThreshold.toFixed(4) ?? '–'}</td>
              <td class="number">{similarityThreshold.toFixed(4)}</td>
              <td class="number">{bands.length}</td>
            </tr>
          ))}
        </tbody>
      </table>
      </div>
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
