import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { Time } from '../../components/time.js';
import { megabytes } from '../../format/sizes.js';
import type { KnownModel } from './known-model.js';
import { StandingTag } from './standing-tag.js';

interface ModelTableProps {
  readonly label: string;
  readonly models: readonly KnownModel[];
  readonly selected: string | undefined;
}

/** The versions of one kind, a row each: the same as the drawing, in words. */
export function ModelTable({ label, models, selected }: ModelTableProps): JSX.Element {
  return (
    <ListTable
      label={label}
      columns={[versionColumn(selected), ...columns]}
      rows={models}
      keyOf={({ id }) => id}
      selectedKey={selected}
    />
  );
}

function versionColumn(selected: string | undefined): Column<KnownModel> {
  return {
    heading: 'Version',
    kind: 'name',
    cell: ({ id }) => (
      <a href={addressOf('models', id)} {...(id === selected ? { 'aria-current': 'true' } : {})}>
        {id}
      </a>
    ),
  };
}

const columns: readonly Column<KnownModel>[] = [
  { heading: 'State', cell: ({ standing }) => <StandingTag standing={standing} /> },
  { heading: 'Fine-tuned from', cell: ({ manifest }) => manifest.lineage?.parent ?? '–' },
  { heading: 'Licence', cell: ({ version }) => version.license },
  { heading: 'Size', kind: 'number', cell: ({ version }) => megabytes(version.graphSizeBytes) },
  {
    heading: 'A face on one core',
    kind: 'number',
    cell: ({ latency }) => (latency === undefined ? '–' : `${latency.faceMs.toFixed(1)} ms`),
  },
  { heading: 'Registered', cell: ({ version }) => <Time value={version.createTime} /> },
];
