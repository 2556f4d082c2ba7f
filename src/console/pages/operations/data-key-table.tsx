import type { JSX } from 'preact';
import { Time } from '../../components/time.js';
import type { DataKey } from '../../generated/symface/v1/encryption_service_pb.js';

/** Data keys and what each of them seals. */
export function DataKeyTable({ keys }: { readonly keys: readonly DataKey[] }): JSX.Element {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Data keys">
      <table>
        <caption class="for-screen-readers">Data keys</caption>
        <thead>
          <tr>
            <th scope="col">Data key</th>
            <th scope="col">State</th>
            <th scope="col">Sealed by master key</th>
            <th scope="col">Created</th>
            {['Crops', 'Templates', 'Measurements', 'Trainings'].map((heading) => (
              <th key={heading} scope="col" class="number">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.number}>
              <th scope="row">{key.number}</th>
              <td>
                {key.retireTime === '' ? (
                  'seals'
                ) : (
                  <>
                    only opens, since <Time value={key.retireTime} />
                  </>
                )}
              </td>
              <td>
                <code>{key.masterKeyId}</code>
              </td>
              <td>
                <Time value={key.createTime} />
              </td>
              {[key.cropCount, key.templateCount, key.measurementCount, key.trainingCount].map(
                (count, column) => (
                  <td key={column} class="number">
                    {count.toLocaleString('en')}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
