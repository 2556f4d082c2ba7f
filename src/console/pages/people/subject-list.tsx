import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { Loading } from '../../components/loading.js';
import { Pager, usePaging } from '../../components/pager.js';
import { Section } from '../../components/section.js';
import { EnrollmentService, type Subject } from '../../generated/symface/v1/enrollment_service_pb.js';
import { collectionNamed, idOf } from './names.js';

interface SubjectListProps {
  readonly collectionId: string;
  /** Changes where the list is to be read anew. */
  readonly generation: number;
}

/** The subjects of a collection, found by a part of their id or name. */
export function SubjectList({ collectionId, generation }: SubjectListProps): JSX.Element {
  const client = useClient(EnrollmentService);
  const [query, setQuery] = useState('');
  const paging = usePaging();
  const listed = useLoaded(
    async (signal) => {
      const request = { parent: collectionNamed(collectionId), query: query.trim(), pageToken: paging.token };
      return client.listSubjects(request, { signal });
    },
    [client, collectionId, query, paging.token, generation],
  );
  return (
    <Section title="Subjects">
      <p class="row">
        <label for="subject-search">Find</label>
        <input
          id="subject-search"
          type="search"
          size={30}
          placeholder="a part of an id or a name"
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            paging.restart();
          }}
        />
      </p>
      <Loading loaded={listed}>
        {({ subjects, nextPageToken }) => (
          <>
            {subjects.length === 0 ? (
              <p role="status">
                {query.trim() === ''
                  ? 'Nobody is enrolled yet. Enrol photographs below.'
                  : 'Nobody is called so.'}
              </p>
            ) : (
              <ListTable
                label="Subjects"
                columns={columnsOf(collectionId)}
                rows={subjects}
                keyOf={({ name }) => name}
              />
            )}
            <Pager paging={paging} nextToken={nextPageToken} label="Subjects" />
          </>
        )}
      </Loading>
    </Section>
  );
}

function columnsOf(collectionId: string): readonly Column<Subject>[] {
  return [
    {
      heading: 'Subject',
      kind: 'name',
      cell: ({ name }) => <a href={addressOf('people', collectionId, idOf(name))}>{idOf(name)}</a>,
    },
    { heading: 'Name', cell: ({ displayName }) => displayName },
    { heading: 'Faces', kind: 'number', cell: ({ faceCount }) => faceCount.toLocaleString() },
    {
      heading: 'Training',
      cell: ({ consentToTrain }) =>
        consentToTrain ? <span class="tag tag-good">consents</span> : <span class="tag">no consent</span>,
    },
  ];
}
