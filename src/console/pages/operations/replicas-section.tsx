import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import type { Replica } from '../../generated/symface/v1/operations_service_pb.js';

/** The processes of the service, and what each serves. */
export function ReplicasSection({ replicas }: { readonly replicas: readonly Replica[] }): JSX.Element {
  return (
    <Section title="Replicas" lead="Gateways and job workers that were heard of in the last 15 seconds.">
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Replicas">
        <table>
          <caption class="for-screen-readers">Replicas</caption>
          <thead>
            <tr>
              <th scope="col">Host</th>
              <th scope="col">Role</th>
              <th scope="col">Version</th>
              <th scope="col">Backbone</th>
              <th scope="col">Detector</th>
              <th scope="col">Runs since</th>
            </tr>
          </thead>
          <tbody>
            {replicas.map((replica) => (
              <tr key={replica.id}>
                <th scope="row">{replica.host}</th>
                <td>{replica.gateway ? 'gateway' : 'job worker'}</td>
                <td>{replica.serviceVersion}</td>
                <td>
                  <Model name={replica.backbone} />
                </td>
                <td>
                  <Model name={replica.detector} />
                </td>
                <td>
                  <Time value={replica.startTime} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Model({ name }: { readonly name: string }): JSX.Element {
  const id = idIn(name);
  return id === '' ? <>–</> : <a href={addressOf('models', id)}>{id}</a>;
}
