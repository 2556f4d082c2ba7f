import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { lineChart } from '../../../figures/charts/line-chart.js';
import { Chart } from '../../charts/chart.js';
import { Section } from '../../components/section.js';
import type { ShareChoice, ShareFigures, TrainingResult } from '../../generated/symface/v1/training_pb.js';
import { falseMatchRateText, intervalText, percent, points } from '../../../core/protocols/figure-text.js';

interface ShareChoiceProps {
  readonly choice: ShareChoice;
  readonly result: TrainingResult;
}

/** How far to go was chosen: each share of the way, with a projection and without, and what it gains. */
export function ShareChoiceSection({ choice, result }: ShareChoiceProps): JSX.Element {
  const chart = useMemo(() => gainChart(choice, result), [choice, result]);
  const { falseMatchRate, requestedFalseMatchRate, faceCount, identityCount, impostorPairCount } = choice;
  return (
    <Section
      title="How far to go"
      lead={`Networks on the way from the parent's weights to the trained ones were measured on ${faceCount} faces of ${identityCount} identities held out, at a false match rate of ${falseMatchRateText(falseMatchRate)}.`}
    >
      {falseMatchRate !== requestedFalseMatchRate && (
        <p class="notice">
          {impostorPairCount.toLocaleString()} pairs of strangers cannot tell a false match rate of{' '}
          {falseMatchRateText(requestedFalseMatchRate)}, which is in force: the strictest that they can tell
          was taken.
        </p>
      )}
      <p>
        {choice.gate === undefined
          ? 'By their looks these faces are not told from others: the candidate has one network for all.'
          : `By their looks ${percent(choice.gate.recognised)} of the faces held out get the trained network, and ${percent(choice.gate.mistaken)} of faces in other photographs. All others keep the network that they had.`}
        {choice.smoothingPixels > 0 &&
          ` Crops that get it are smoothed by ${choice.smoothingPixels} pixels first, since these faces are told apart better so.`}
      </p>
      <Chart chart={chart} />
      <div class="table-scroll" role="region" aria-label="Shares of the way" tabIndex={0}>
        <table>
          <caption class="for-screen-readers">What each share of the way gains over the parent</caption>
          <thead>
            <tr>
              <th scope="col">Share</th>
              <th scope="col">Projection</th>
              <th scope="col" class="number">
                True accept rate
              </th>
              <th scope="col" class="number">
                Gain, points
              </th>
              <th scope="col" class="number">
                95 % interval
              </th>
              <th scope="col" class="number">
                EER
              </th>
              <th scope="col" class="number">
                Change of EER, 95 %
              </th>
            </tr>
          </thead>
          <tbody>
            {choice.shares.map((of) => (
              <ShareRow key={`${of.share} ${of.projected}`} of={of} isChosen={isChosen(of, result)} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function ShareRow({
  of,
  isChosen: chosen,
}: {
  readonly of: ShareFigures;
  readonly isChosen: boolean;
}): JSX.Element {
  return (
    <tr class={chosen ? 'chosen' : ''}>
      <th scope="row">
        {of.share.toFixed(1)} {chosen && <span class="tag tag-good">chosen</span>}
      </th>
      <td>{of.projected ? 'with' : 'without'}</td>
      <td class="number">{percent(of.trueAcceptRate)}</td>
      <td class="number">{points(of.gain)}</td>
      <td class="number">{intervalText(of.gainInterval, points)}</td>
      <td class="number">{percent(of.equalErrorRate)}</td>
      <td class="number">{intervalText(of.equalErrorRateChangeInterval, points)}</td>
    </tr>
  );
}

function isChosen({ share, projected }: ShareFigures, result: TrainingResult): boolean {
  return share === result.shareOfTheWay && projected === result.projected;
}

function gainChart(
  { shares, falseMatchRate }: ShareChoice,
  result: TrainingResult,
): ReturnType<typeof lineChart> {
  const series = [false, true].map((projected) => ({
    name: projected ? 'with a projection' : 'without a projection',
    points: shares
      .filter((of) => of.projected === projected)
      .toSorted((a, b) => a.share - b.share)
      .map(({ share, gain, gainInterval }) => ({
        x: share,
        y: gain,
        ...(gainInterval === undefined ? {} : { lower: gainInterval.lower, upper: gainInterval.upper }),
      })),
  }));
  return lineChart({
    title: `Gain in true accept rate at a false match rate of ${falseMatchRateText(falseMatchRate)}, with 95 % intervals`,
    x: { label: 'share of the way', format: 'number' },
    y: { label: 'gain over the parent', format: 'percent' },
    intervals: 'bars',
    series: series.filter((one) => one.points.length > 0),
    highlights: shares
      .filter((of) => isChosen(of, result))
      .map(({ share, gain }) => ({ x: share, y: gain, label: 'chosen' })),
  });
}
