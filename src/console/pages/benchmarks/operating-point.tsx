import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { DetailList } from '../../components/detail-list.js';
import { Loading } from '../../components/loading.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import { thresholdText } from '../../format/operating-point.js';
import { BenchmarkService } from '../../generated/symface/v1/benchmark_service_pb.js';
import { falseMatchRateText } from '../../../core/protocols/figure-text.js';

/** The false match rate in force, and what it means for the backbone that serves. */
export function OperatingPointSection(): JSX.Element {
  const benchmarks = useClient(BenchmarkService);
  const loaded = useLoaded(async (signal) => benchmarks.getOperatingPoint({}, { signal }), [benchmarks]);
  return (
    <Section title="Decisions are made at">
      <Loading loaded={loaded}>
        {({ operatingPoint: point }) =>
          point !== undefined && (
            <DetailList
              details={[
                ['False match rate', falseMatchRateText(point.falseMatchRate)],
                [
                  'Since',
                  point.setTime === '' ? (
                    'the default'
                  ) : (
                    <>
                      <Time value={point.setTime} /> by {point.actor}
                    </>
                  ),
                ],
                ['Backbone', idIn(point.modelVersion)],
                ['Its threshold', thresholdText(point)],
                [
                  'It has thresholds at',
                  point.supportedFalseMatchRates.map(falseMatchRateText).join(', ') || 'no rate',
                ],
              ]}
            />
          )
        }
      </Loading>
    </Section>
  );
}
