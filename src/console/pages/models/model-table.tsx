import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { Time } from '../../components/time.js';
import { megabytes } from '../../format/sizes.js';
import type { KnownModel } from './known-model.js';
import { StandingTag } from './standing-tag.js';

interface ModelTableProps {
  readonly caption: string;
  readonly models: readonly KnownModel[];
  readonly selected: string | undefined;
}

/** The versions of one kind, a row each: the same as the drawing, in words. */
export function ModelTable({ caption, models, selected }: ModelTableProps): JSX.Element {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">State</th>
            <th scope="col">Fine-tuned from</th>
            <th scope="col">Licence</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col" class="number">
              A face on one core
            </th>
            <th scope="col">Registered</th>
          </tr>
        </thead>
        <tbody>
          {models.map(({ id, version, manifest, standing, latency }) => (
            <tr key={id} class={id === selected ? 'is-selected' : ''}>
              <th scope="row">
                <a href={addressOf('models', id)} {...(id === selected ? { 'aria-current': 'true' } : {})}>
                  {id}
                </a>
              </th>
              <td>
                <StandingTag standing={standing} />
              </td>
              <td>{manifest.lineage?.parent ?? '–'}</td>
              <td>{version.license}</td>
              <td class="number">{megabytes(version.graphSizeBytes)}</td>
              <td class="number">{latency === undefined ? '–' : `${latency.faceMs.toFixed(1)} ms`}</td>
              <td>
                <Time value={version.createTime} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
