import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLoaded } from '../../api/use-loaded.js';
import { Loading } from '../../components/loading.js';
import { PageFrame } from '../../components/page-frame.js';
import { Section } from '../../components/section.js';
import { type ApiDescription, fetchDescription } from './description.js';
import { MethodEntry } from './method-entry.js';

/** Every call there is, to read and to copy. */
export function ApiPage(): JSX.Element {
  const loaded = useLoaded(fetchDescription, []);
  return (
    <PageFrame
      title="API"
      lead="What this console calls, you can call: with JSON over HTTP as shown here, with gRPC, gRPC-Web or Connect by the same contract."
      actions={
        <a class="button" href="./openapi.json" download="symface-openapi.json">
          OpenAPI 3.1
        </a>
      }
    >
      <Loading loaded={loaded}>{(description) => <Services description={description} />}</Loading>
    </PageFrame>
  );
}

function Services({ description }: { readonly description: ApiDescription }): JSX.Element {
  const [sought, setSought] = useState('');
  const methods = Object.entries(description.paths)
    .map(([path, { post }]) => ({ path, operation: post }))
    .filter(({ path, operation }) =>
      `${path} ${operation.description}`.toLowerCase().includes(sought.trim().toLowerCase()),
    );
  return (
    <>
      <p class="row">
        <label for="api-search">Find</label>
        <input
          id="api-search"
          type="search"
          placeholder="verify, threshold, consent …"
          value={sought}
          onInput={(event) => {
            setSought(event.currentTarget.value);
          }}
        />
        <span class="muted" role="status">
          {methods.length === 1 ? '1 method' : `${methods.length} methods`}
        </span>
      </p>
      {description.tags
        .filter(({ name }) => methods.some(({ operation }) => operation.tags.includes(name)))
        .map(({ name, description: lead }) => (
          <Section key={name} title={name} lead={lead}>
            {methods
              .filter(({ operation }) => operation.tags.includes(name))
              .map(({ path, operation }) => (
                <MethodEntry
                  key={path}
                  path={path}
                  operation={operation}
                  schemas={description.components.schemas}
                />
              ))}
          </Section>
        ))}
    </>
  );
}
