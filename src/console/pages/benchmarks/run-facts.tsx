import type { JSX } from 'preact';
import { KeyFigures } from '../../../figures/report/key-figures.js';
import { addressOf } from '../../app/route.js';
import { DetailList } from '../../components/detail-list.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import { FacelessPolicy } from '../../generated/symface/v1/benchmark_pb.js';
import { falseMatchRateText, percent } from '../../../core/protocols/figure-text.js';
import type { ReportedRun } from './reported-run.js';

/** What a reader looks for first, and what it is of. */
export function RunFacts({ reported: { run, report } }: { readonly reported: ReportedRun }): JSX.Element {
  const { accuracy, equalErrorRate, equalErrorRateInterval: interval, trueAcceptRates } = report;
  const { genuinePairCount, impostorPairCount, facelessImageCount, facelessPairCount, halves } = report;
  const counted = run.facelessPolicy === FacelessPolicy.EXCLUDED ? 'left out' : 'counted as “different”';
  return (
    <Section title="Figures">
      <KeyFigures
        figures={[
          {
            label: 'accuracy',
            value: percent(accuracy.mean),
            note: `± ${percent(accuracy.standardDeviation)} over ${accuracy.folds.length} folds`,
          },
          { label: 'equal error rate', value: percent(equalErrorRate), note: intervalText(interval) },
          ...trueAcceptRates.map((rate) => ({
            label: `TAR at FMR ${falseMatchRateText(rate.falseMatchRate)}`,
            value: percent(rate.trueAcceptRate),
            note: intervalText(rate.interval),
          })),
        ]}
      />
      <DetailList
        details={[
          ['Model', <a href={addressOf('models', idIn(run.modelVersion))}>{idIn(run.modelVersion)}</a>],
          ['Detector', idIn(run.detectorVersion)],
          [
            'Measured',
            <>
              <Time value={run.createTime} />, by {run.codeVersion}
            </>,
          ],
          [
            'Pairs',
            `${genuinePairCount.toLocaleString()} genuine, ${impostorPairCount.toLocaleString()} impostor`,
          ],
          [
            'No face',
            `in ${facelessImageCount.toLocaleString()} of ${run.imageCount.toLocaleString()} images: ${facelessPairCount.toLocaleString()} pairs, ${counted}`,
          ],
          ...(halves === undefined
            ? []
            : ([
                [
                  'Halves',
                  `distance of a face’s over that of different persons’ ${halves.distanceRatio.toFixed(3)}, half-to-half AUC ${percent(halves.areaUnderCurve)}, of ${halves.faceCount} symmetric faces`,
                ],
              ] as const)),
          ['Digest', <code>{run.report?.datasetDigest}</code>],
        ]}
      />
    </Section>
  );
}

function intervalText(
  interval: { readonly lower: number; readonly upper: number } | undefined,
): string | undefined {
  return interval && `95 %: ${(100 * interval.lower).toFixed(2)} to ${(100 * interval.upper).toFixed(2)} %`;
}
