import type { JSX } from 'preact';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import type { Shadow } from '../../generated/symface/v1/assessment_service_pb.js';
import { percent } from '../../../core/protocols/figure-text.js';

/** What came of each shadow so far: where the candidate and what served agreed. */
export function ShadowTable({ shadows }: { readonly shadows: readonly Shadow[] }): JSX.Element {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Agreement of shadows">
      <table>
        <caption>Agreement so far</caption>
        <thead>
          <tr>
            <th scope="col">Candidate</th>
            <th scope="col">Agree</th>
            <th scope="col">Decided otherwise (95 %)</th>
            <th scope="col" class="number">
              Only what serves matched
            </th>
            <th scope="col" class="number">
              Only the candidate matched
            </th>
            <th scope="col" class="number">
              Latency
            </th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {shadows.map((shadow) => (
            <ShadowRow key={shadow.modelVersion} shadow={shadow} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ShadowRow({ shadow }: { readonly shadow: Shadow }): JSX.Element {
  const agreed = shadow.matchedByBothCount + shadow.matchedByNeitherCount;
  const decided = agreed + shadow.matchedByServingOnlyCount + shadow.matchedByCandidateOnlyCount;
  const { flipRate, flipRateInterval, failedCount, droppedCount } = shadow;
  return (
    <tr>
      <th scope="row">
        {idIn(shadow.modelVersion)}{' '}
        {shadow.running && <span class="tag tag-warning">{(shadow.share * 100).toLocaleString()} % of calls</span>}
      </th>
      <td>
        {agreed.toLocaleString()} of {decided.toLocaleString()}
        {failedCount + droppedCount > 0n && (
          <span class="muted">
            {' '}
            ({failedCount.toLocaleString()} failed, {droppedCount.toLocaleString()} dropped)
          </span>
        )}
      </td>
      <td>
        {flipRate === undefined
          ? '–'
          : `${percent(flipRate)} (${percent(flipRateInterval?.lower ?? 0)} to ${percent(flipRateInterval?.upper ?? 1)})`}
      </td>
      <td class="number">{shadow.matchedByServingOnlyCount.toLocaleString()}</td>
      <td class="number">{shadow.matchedByCandidateOnlyCount.toLocaleString()}</td>
      <td class="number">
        {decided === 0n
          ? '–'
          : `${shadow.candidateLatencyMs.toFixed(0)} ms (serving: ${shadow.servingLatencyMs.toFixed(0)} ms)`}
      </td>
      <td>
        <Time value={shadow.startTime} /> to {shadow.stopTime === '' ? 'now' : <Time value={shadow.stopTime} />}
      </td>
    </tr>
  );
}
