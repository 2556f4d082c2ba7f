import type { JSX } from 'preact';
import { type Column, ListTable } from '../../components/list-table.js';
import { Time } from '../../components/time.js';
import type { DataKey } from '../../generated/symface/v1/encryption_service_pb.js';

/** Data keys and what each of them seals. */
export function DataKeyTable({ keys }: { readonly keys: readonly DataKey[] }): JSX.Element {
  return <ListTable label="Data keys" columns={columns} rows={keys} keyOf={({ number }) => String(number)} />;
}

const columns: readonly Column<DataKey>[] = [
  { heading: 'Data key', kind: 'name', cell: ({ number }) => number },
  {
    heading: 'State',
    cell: ({ retireTime }) =>
      retireTime === '' ? (
        'seals'
      ) : (
        <>
          only opens, since <Time value={retireTime} />
        </>
      ),
  },
  { heading: 'Sealed by master key', cell: ({ masterKeyId }) => <code>{masterKeyId}</code> },
  { heading: 'Created', cell: ({ createTime }) => <Time value={createTime} /> },
  countColumn('Crops', ({ cropCount }) => cropCount),
  countColumn('Templates', ({ templateCount }) => templateCount),
  countColumn('Measurements', ({ measurementCount }) => measurementCount),
  countColumn('Trainings', ({ trainingCount }) => trainingCount),
];

function countColumn(heading: string, countOf: (key: DataKey) => number | bigint): Column<DataKey> {
  return { heading, kind: 'number', cell: (key) => countOf(key).toLocaleString('en') };
}
