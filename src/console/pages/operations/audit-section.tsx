import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { Field } from '../../components/field.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { Loading } from '../../components/loading.js';
import { Pager, usePaging } from '../../components/pager.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { AdminService, type AuditEvent } from '../../generated/symface/v1/admin_service_pb.js';

const eventsOfPage = 50;

/** Who did what, newest first, a page at a time; with a word, of all there is what has it. */
export function AuditSection(): JSX.Element {
  const admin = useClient(AdminService);
  const paging = usePaging();
  const [word, setWord] = useState('');
  const query = word.trim();
  const events = useLoaded(
    async (signal) => {
      const request = { query, pageToken: paging.token, pageSize: eventsOfPage };
      return admin.listAuditEvents(request, { signal });
    },
    [admin, query, paging.token],
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
      <Field label="Only with" hint="A part of an action, a target, an actor or a tenant: model, apiKeys/…">
        {(ids) => (
          <input
            {...ids}
            type="search"
            value={word}
            onInput={(event) => {
              setWord(event.currentTarget.value);
              paging.restart();
            }}
          />
        )}
      </Field>
      <Loading loaded={events}>
        {({ events: page, nextPageToken }) => (
          <>
            {page.length === 0 ? (
              <p role="status">{query === '' ? 'Nothing is recorded yet.' : 'No record has that.'}</p>
            ) : (
              <ListTable
                label="Audit log"
                columns={columns}
                rows={page}
                keyOf={({ sequence }) => String(sequence)}
              />
            )}
            <Pager paging={paging} nextToken={nextPageToken} label="the audit log" />
          </>
        )}
      </Loading>
    </Section>
  );
}

const columns: readonly Column<AuditEvent>[] = [
  { heading: 'Time', cell: ({ time }) => <Time value={time} /> },
  { heading: 'Action', kind: 'name', cell: ({ action }) => action },
  { heading: 'Target', cell: ({ target }) => target },
  { heading: 'By', cell: ({ actor }) => actor },
  { heading: 'Tenant', cell: ({ tenant }) => tenant },
  {
    heading: 'Details',
    cell: ({ details }) =>
      Object.entries(details)
        .map(([name, value]) => `${name}: ${value}`)
        .join(', '),
  },
];
