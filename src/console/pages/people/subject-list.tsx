import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
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
              <Table collectionId={collectionId} subjects={subjects} />
            )}
            <Pager paging={paging} nextToken={nextPageToken} label="Subjects" />
          </>
        )}
      </Loading>
    </Section>
  );
}

interface TableProps {
  readonly collectionId: string;
  readonly subjects: readonly Subject[];
}

function Table({ collectionId, subjects }: TableProps): JSX.Element {
  return (
    <div class="table-scroll">
      <table>
        <caption class="for-screen-readers">Subjects</caption>
        <thead>
          <tr>
            <th scope="col">Subject</th>
            <th scope="col">Name</th>
            <th scope="col" class="number">
              Faces
            </th>
            <th scope="col">Training</th>
          </tr>
        </thead>
        <tbody>
          {subjects.map(({ name, displayName, faceCount, consentToTrain }) => (
            <tr key={name}>
              <td>
                <a href={addressOf('people', collectionId, idOf(name))}>{idOf(name)}</a>
              </td>
              <td>{displayName}</td>
              <td class="number">{faceCount.toLocaleString()}</td>
              <td>
                {consentToTrain ? (
                  <span class="tag tag-good">consents</span>
                ) : (
                  <span class="tag">no consent</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
