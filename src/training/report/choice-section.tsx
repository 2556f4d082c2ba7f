import type { JSX } from 'preact';

import { shareChart, type ShareOfTheWay } from '../../figures/charts/share-chart.js';
import { DataTable } from '../../figures/report/data-table.js';
import { ChartGrid } from '../../figures/static/report-page.js';
import type { ChoiceEntry } from '../runs/run-log.js';
import { choiceText, errorText, gainText } from './choice-report.js';

/** The curve of the true accept rate over the share of the way, with the intervals of the gain, and what was chosen. */
export function ChoiceSection({ choice }: { readonly choice: ChoiceEntry }): JSX.Element {
  const rows = choice.candidates.map((candidate) => {
    const { name, trueAcceptRate } = candidate;
    return [
      name === choice.chosen ? `${name} (chosen)` : name,
      `${(100 * trueAcceptRate).toFixed(2)} %`,
      gainText(candidate),
      errorText(candidate),
    ];
  });
  return (
    <>
      <h2>How far to go</h2>
      <p>{choiceText(choice)} Bands are the start’s rate plus the 95 % interval of the gain.</p>
      <ChartGrid charts={[shareChart(sharesOf(choice))]} />
      <DataTable
        title="Shares of the way"
        headings={['share of the way', 'TAR', 'gain', 'EER']}
        rows={rows}
        figuresFrom={1}
      />
    </>
  );
}

function sharesOf({ candidates, chosen }: ChoiceEntry): readonly ShareOfTheWay[] {
  const base = candidates[0]?.trueAcceptRate ?? 0;
  return candidates.map(({ name, trainedShare, isProjected, trueAcceptRate, gainInterval }) => ({
    share: trainedShare,
    isProjected,
    trueAcceptRate,
    ...(gainInterval === undefined
      ? {}
      : { lower: base + gainInterval.lower, upper: base + gainInterval.upper }),
    isChosen: name === chosen,
  }));
}
