import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import type { Replica } from '../../generated/symface/v1/operations_service_pb.js';

/** The processes of the service, and what each serves. */
export function ReplicasSection({ replicas }: { readonly replicas: readonly Replica[] }): JSX.Element {
  return (
    <Section title="Replicas" lead="Gateways and job workers that were heard of in the last 15 seconds.">
      <ListTable label="Replicas" columns={columns} rows={replicas} keyOf={({ id }) => id} />
    </Section>
  );
}

const columns: readonly Column<Replica>[] = [
  { heading: 'Host', kind: 'name', cell: ({ host }) => host },
  { heading: 'Role', cell: ({ gateway }) => (gateway ? 'gateway' : 'job worker') },
  { heading: 'Version', cell: ({ serviceVersion }) => serviceVersion },
  { heading: 'Backbone', cell: ({ backbone }) => <Model name={backbone} /> },
  { heading: 'Detector', cell: ({ detector }) => <Model name={detector} /> },
  { heading: 'Runs since', cell: ({ startTime }) => <Time value={startTime} /> },
];

function Model({ name }: { readonly name: string }): JSX.Element {
  const id = idIn(name);
  return id === '' ? <>–</> : <a href={addressOf('models', id)}>{id}</a>;
}
