import type { JSX } from 'preact';
import { type Column, ListTable } from '../../components/list-table.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import type { Shadow } from '../../generated/symface/v1/assessment_service_pb.js';
import { percent } from '../../../core/protocols/figure-text.js';

/** What came of each shadow so far: where the candidate and what served agreed. */
export function ShadowTable({ shadows }: { readonly shadows: readonly Shadow[] }): JSX.Element {
  return (
    <>
      <h3>Agreement so far</h3>
    <ListTable
      label="Agreement so far"
      columns={columns}
      rows={shadows}
      keyOf={({ modelVersion }) => modelVersion}
    />
    </>
  );
}

const columns: readonly Column<Shadow>[] = [
  {
    heading: 'Candidate',
    kind: 'name',
    cell: ({ modelVersion, running, share }) => (
      <>
        {idIn(modelVersion)}{' '}
        {running && <span class="tag tag-warning">{(share * 100).toLocaleString()} % of calls</span>}
      </>
    ),
  },
  { heading: 'Agree', cell: agreement },
  {
    heading: 'Decided otherwise (95 %)',
    cell: ({ flipRate, flipRateInterval: interval }) =>
      flipRate === undefined
        ? '–'
        : `${percent(flipRate)} (${percent(interval?.lower ?? 0)} to ${percent(interval?.upper ?? 1)})`,
  },
  {
    heading: 'Only what serves matched',
    kind: 'number',
    cell: ({ matchedByServingOnlyCount }) => matchedByServingOnlyCount.toLocaleString(),
  },
  {
    heading: 'Only the candidate matched',
    kind: 'number',
    cell: ({ matchedByCandidateOnlyCount }) => matchedByCandidateOnlyCount.toLocaleString(),
  },
  {
    heading: 'Latency',
    kind: 'number',
    cell: (shadow) =>
      decidedCount(shadow) === 0n
        ? '–'
        : `${shadow.candidateLatencyMs.toFixed(0)} ms (serving: ${shadow.servingLatencyMs.toFixed(0)} ms)`,
  },
  {
    heading: 'Time',
    cell: ({ startTime, stopTime }) => (
      <>
        <Time value={startTime} /> to {stopTime === '' ? 'now' : <Time value={stopTime} />}
      </>
    ),
  },
];

function agreement(shadow: Shadow): JSX.Element {
  const { failedCount, droppedCount } = shadow;
  return (
    <>
      {agreedCount(shadow).toLocaleString()} of {decidedCount(shadow).toLocaleString()}
      {failedCount + droppedCount > 0n && (
        <span class="muted">
          {' '}
          ({failedCount.toLocaleString()} failed, {droppedCount.toLocaleString()} dropped)
        </span>
      )}
    </>
  );
}

function agreedCount({ matchedByBothCount, matchedByNeitherCount }: Shadow): bigint {
  return matchedByBothCount + matchedByNeitherCount;
}

function decidedCount(shadow: Shadow): bigint {
  return agreedCount(shadow) + shadow.matchedByServingOnlyCount + shadow.matchedByCandidateOnlyCount;
}
