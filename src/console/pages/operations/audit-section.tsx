import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { Field } from '../../components/field.js';
import { Loading } from '../../components/loading.js';
import { Pager, usePaging } from '../../components/pager.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { AdminService, type AuditEvent } from '../../generated/symface/v1/admin_service_pb.js';

const eventsOfPage = 50;

/** Who did what, newest first; a page at a time, of which a word leaves those that have it. */
export function AuditSection(): JSX.Element {
  const admin = useClient(AdminService);
  const paging = usePaging();
  const [word, setWord] = useState('');
  const events = useLoaded(
    async (signal) => admin.listAuditEvents({ pageToken: paging.token, pageSize: eventsOfPage }, { signal }),
    [admin, paging.token],
  );
  return (
    <Section
      title="Audit log"
      lead="What administrators did and what was deleted, newest first. Nothing here can be changed."
      actions={
        <button type="button" class="button" onClick={events.reload}>
          Load again
        </button>
      }
    >
      <Field
        label="Only with"
        hint="A word of an action, an actor or a target, on this page: model, apiKeys/…"
      >
        {(ids) => (
          <input
            {...ids}
            type="search"
            value={word}
            onInput={(event) => {
              setWord(event.currentTarget.value);
            }}
          />
        )}
      </Field>
      <Loading loaded={events}>
        {({ events: page, nextPageToken }) => (
          <>
            <AuditTable events={page.filter((event) => hasWord(event, word))} />
            <Pager paging={paging} nextToken={nextPageToken} label="the audit log" />
          </>
        )}
      </Loading>
    </Section>
  );
}

function hasWord({ action, actor, target, tenant }: AuditEvent, word: string): boolean {
  return [action, actor, target, tenant].join(' ').toLowerCase().includes(word.trim().toLowerCase());
}

function AuditTable({ events }: { readonly events: readonly AuditEvent[] }): JSX.Element {
  if (events.length === 0) return <p role="status">No record of this page has that.</p>;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Audit log">
      <table>
        <caption class="for-screen-readers">Audit log</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Action</th>
            <th scope="col">Target</th>
            <th scope="col">By</th>
            <th scope="col">Tenant</th>
            <th scope="col">Details</th>
          </tr>
        </thead>
        <tbody>
          {events.map(({ sequence, time, action, target, actor, tenant, details }) => (
            <tr key={String(sequence)}>
              <td>
                <Time value={time} />
              </td>
              <th scope="row">{action}</th>
              <td>{target}</td>
              <td>{actor}</td>
              <td>{tenant}</td>
              <td>
                {Object.entries(details)
                  .map(([name, value]) => `${name}: ${value}`)
                  .join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
