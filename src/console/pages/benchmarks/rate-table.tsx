import type { JSX } from 'preact';
import type { TrueAcceptRate } from '../../../core/protocols/verification-report.js';
import { falseMatchRateText, intervalText, percent } from '../../../core/protocols/figure-text.js';

/** The true accept rate at each false match rate that the pairs support. */
export function RateTable({ rates }: { readonly rates: readonly TrueAcceptRate[] }): JSX.Element {
  if (rates.length === 0) return <p>There are too few impostor pairs for any false match rate.</p>;
  return (
    <div class="table-scroll" role="region" aria-label="True accept rates" tabIndex={0}>
      <table>
        <caption class="for-screen-readers">True accept rates by false match rate</caption>
        <thead>
          <tr>
            {[
              'False match rate',
              'True accept rate',
              '95 % interval',
              'Similarity from',
              '95 % interval',
            ].map((heading, column) => (
              <th key={column} scope="col" class="number">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rates.map(({ falseMatchRate, trueAcceptRate, interval, ...of }) => (
            <tr key={falseMatchRate}>
              <th scope="row" class="number">
                {falseMatchRateText(falseMatchRate)}
              </th>
              <td class="number">{percent(trueAcceptRate)}</td>
              <td class="number">{intervalText(interval, percent)}</td>
              <td class="number">
                {/* JSON has null for a threshold that no pair reaches. */}
                {typeof of.similarityThreshold === 'number' ? of.similarityThreshold.toFixed(4) : 'none'}
              </td>
              <td class="number">
                {intervalText(of.similarityThresholdInterval, (value) => value.toFixed(4))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
