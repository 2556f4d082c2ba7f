import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { lineChart } from '../../../figures/charts/line-chart.js';
import { Chart } from '../../charts/chart.js';
import { type Column, ListTable } from '../../components/list-table.js';
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
  const chosen = choice.shares.find((of) => isChosen(of, result));
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
      {chosen !== undefined && <p>{chosenText(chosen)}</p>}
      <Chart chart={chart} />
      <details class="more-settings">
        <summary>Every network that was measured</summary>
        <ListTable
          label="Gains of the networks over the parent"
          columns={columns}
          rows={choice.shares}
          keyOf={keyOf}
          selectedKey={chosen === undefined ? undefined : keyOf(chosen)}
        />
      </details>
    </Section>
  );
}

function keyOf({ share, projected }: ShareFigures): string {
  return `${share} ${projected}`;
}

function chosenText(chosen: ShareFigures): string {
  const { share, projected, trueAcceptRate, gain, gainInterval } = chosen;
  if (share === 0 && !projected)
    return `The parent stays, of a true accept rate of ${percent(trueAcceptRate)}.`;
  const layer = projected ? ' with a projection' : '';
  const bounds = gainInterval === undefined ? '' : ` (95 %: ${intervalText(gainInterval, points)})`;
  return `Chosen is ${share} of the way${layer}: a true accept rate of ${percent(trueAcceptRate)}, ${points(gain)} points above the parent${bounds}.`;
}

const columns: readonly Column<ShareFigures>[] = [
  { heading: 'Share of the way', kind: 'name', cell: ({ share }) => share.toFixed(1) },
  { heading: 'Projection', cell: ({ projected }) => (projected ? 'with' : 'without') },
  { heading: 'True accept rate', kind: 'number', cell: ({ trueAcceptRate }) => percent(trueAcceptRate) },
  { heading: 'Gain, points', kind: 'number', cell: ({ gain }) => points(gain) },
  { heading: 'Gain, 95 %', kind: 'number', cell: ({ gainInterval }) => intervalText(gainInterval, points) },
  { heading: 'EER', kind: 'number', cell: ({ equalErrorRate }) => percent(equalErrorRate) },
  {
    heading: 'Change of EER, 95 %',
    kind: 'number',
    cell: ({ equalErrorRateChangeInterval }) => intervalText(equalErrorRateChangeInterval, points),
  },
];

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
