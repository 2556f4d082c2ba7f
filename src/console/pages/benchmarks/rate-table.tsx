import type { JSX } from 'preact';
import { type Column, ListTable } from '../../components/list-table.js';
import type { TrueAcceptRate } from '../../../core/protocols/verification-report.js';
import { falseMatchRateText, intervalText, percent } from '../../../core/protocols/figure-text.js';

/** The true accept rate at each false match rate that the pairs support. */
export function RateTable({ rates }: { readonly rates: readonly TrueAcceptRate[] }): JSX.Element {
  if (rates.length === 0) return <p>There are too few impostor pairs for any false match rate.</p>;
  return (
    <ListTable
      label="True accept rates by false match rate"
      columns={columns}
      rows={rates}
      keyOf={({ falseMatchRate }) => String(falseMatchRate)}
    />
  );
}

const columns: readonly Column<TrueAcceptRate>[] = [
  {
    heading: 'False match rate',
    kind: 'name',
    cell: ({ falseMatchRate }) => falseMatchRateText(falseMatchRate),
  },
  { heading: 'True accept rate', kind: 'number', cell: ({ trueAcceptRate }) => percent(trueAcceptRate) },
  { heading: 'Its 95 % interval', kind: 'number', cell: ({ interval }) => intervalText(interval, percent) },
  {
    heading: 'Similarity from',
    kind: 'number',
    // JSON has null for a threshold that no pair reaches.
    cell: ({ similarityThreshold }) =>
      typeof similarityThreshold === 'number' ? similarityText(similarityThreshold) : 'none',
  },
  {
    heading: 'Its interval',
    kind: 'number',
    cell: ({ similarityThresholdInterval }) => intervalText(similarityThresholdInterval, similarityText),
  },
];

function similarityText(similarity: number): string {
  return similarity.toFixed(4);
}
