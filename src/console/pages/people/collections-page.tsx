import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { useLoaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Field } from '../../components/field.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { Loading } from '../../components/loading.js';
import { PageFrame } from '../../components/page-frame.js';
import { Pager, usePaging } from '../../components/pager.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { type Collection, EnrollmentService } from '../../generated/symface/v1/enrollment_service_pb.js';
import { idOf } from './names.js';

/** The collections there are, and a way to make one. */
export function CollectionsPage(): JSX.Element {
  const client = useClient(EnrollmentService);
  const paging = usePaging();
  const listed = useLoaded(
    async (signal) => client.listCollections({ pageToken: paging.token }, { signal }),
    [client, paging.token],
  );
  return (
    <PageFrame
      title="People"
      lead="A collection holds people, its subjects, whose faces are enrolled and found again."
    >
      <Section title="Collections">
        <Loading loaded={listed}>
          {({ collections, nextPageToken }) => (
            <>
              {collections.length === 0 ? (
                <p>There is no collection yet. Make the first one below.</p>
              ) : (
                <ListTable
                  label="Collections"
                  columns={columns}
                  rows={collections}
                  keyOf={({ name }) => name}
                />
              )}
              <Pager paging={paging} nextToken={nextPageToken} label="Collections" />
            </>
          )}
        </Loading>
      </Section>
      <NewCollection />
    </PageFrame>
  );
}

const columns: readonly Column<Collection>[] = [
  {
    heading: 'Collection',
    kind: 'name',
    cell: ({ name, displayName }) => (
      <>
        <a href={addressOf('people', idOf(name))}>{displayName || idOf(name)}</a>{' '}
        {displayName !== '' && <span class="muted">{idOf(name)}</span>}
      </>
    ),
  },
  { heading: 'Subjects', kind: 'number', cell: ({ subjectCount }) => subjectCount.toLocaleString() },
  { heading: 'Faces', kind: 'number', cell: ({ faceCount }) => faceCount.toLocaleString() },
  { heading: 'Made', cell: ({ createTime }) => <Time value={createTime} /> },
];

function NewCollection(): JSX.Element {
  const client = useClient(EnrollmentService);
  const [id, setId] = useState('');
  const [displayName, setDisplayName] = useState('');
  const creation = useAction(async (signal) => {
    await client.createCollection({ collectionId: id, displayName }, { signal });
    window.location.hash = addressOf('people', id);
  });
  return (
    <Section
      title="New collection"
      lead="It gets the service's default quality gate, which can be changed later."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          creation.run();
        }}
      >
        <FailureNotice failure={creation.failure} />
        <Field label="Id" hint="a-z, 0-9, “.”, “_” and “-”, at most 63; it stays">
          {(ids) => (
            <input
              {...ids}
              required
              maxLength={63}
              pattern="[a-z0-9][a-z0-9._\-]*"
              value={id}
              onInput={(event) => {
                setId(event.currentTarget.value);
              }}
            />
          )}
        </Field>
        <Field label="Display name" hint="for people; may be empty">
          {(ids) => (
            <input
              {...ids}
              value={displayName}
              onInput={(event) => {
                setDisplayName(event.currentTarget.value);
              }}
            />
          )}
        </Field>
        <button type="submit" class="button button-main" disabled={creation.isRunning || id === ''}>
          Make the collection
        </button>
      </form>
    </Section>
  );
}
