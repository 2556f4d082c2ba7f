import type { JSX } from 'preact';
import { falseMatchRateText } from '../../core/protocols/figure-text.js';
import { addressOf } from '../app/route.js';
import { idIn } from '../format/names.js';
import type { OperatingPoint } from '../generated/symface/v1/benchmark_service_pb.js';
import { DetailList } from './detail-list.js';
import { Time } from './time.js';

/** The false match rate in force, since when and by whom, and what it means for the backbone that serves. */
export function OperatingPointFacts({ point }: { readonly point: OperatingPoint }): JSX.Element {
  const { falseMatchRate, setTime, actor, modelVersion, supportedFalseMatchRates } = point;
  return (
    <DetailList
      details={[
        ['False match rate', `${falseMatchRateText(falseMatchRate)}${setTime === '' ? ', the default' : ''}`],
        setTime === ''
          ? undefined
          : [
              'In force',
              <>
                since <Time value={setTime} />, by {actor}
              </>,
            ],
        ['Backbone', <a href={addressOf('models', idIn(modelVersion))}>{idIn(modelVersion)}</a>],
        ['Its threshold', thresholdText(point)],
        [
          'It has thresholds at',
          supportedFalseMatchRates.length === 0 ? (
            'no rate'
          ) : (
            <span class="row">
              {supportedFalseMatchRates.map((rate) => (
                <span key={rate} class="tag">
                  {falseMatchRateText(rate)}
                </span>
              ))}
            </span>
          ),
        ],
      ]}
    />
  );
}

/** A calibrated version decides each pair by the threshold for such pairs: its number over all pairs alike would mislead. */
function thresholdText({ similarityThreshold, supportedFalseMatchRates }: OperatingPoint): string {
  if (similarityThreshold === undefined) {
    return 'none at this rate: calibrate the backbone, or requests state similarity_threshold';
  }
  return supportedFalseMatchRates.length === 0
    ? `${similarityThreshold.toFixed(4)} for all pairs`
    : 'each pair has the one for photographs that look so';
}
