import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { useLoaded } from '../../api/use-loaded.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { Loading } from '../../components/loading.js';
import { Pager, usePaging } from '../../components/pager.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import { AdminService, type ApiKey } from '../../generated/symface/v1/admin_service_pb.js';
import { CreateApiKeyForm } from './create-api-key-form.js';
import { NewSecret } from './new-secret.js';
import { roleWords } from './role-words.js';

/** API keys: which there are, a new one, and the end of one. */
export function ApiKeysSection(): JSX.Element {
  const admin = useClient(AdminService);
  const paging = usePaging();
  const [secret, setSecret] = useState<string | undefined>(undefined);
  const keys = useLoaded(
    async (signal) => admin.listApiKeys({ pageToken: paging.token, pageSize: 20 }, { signal }),
    [admin, paging.token],
  );
  const revoke = useAction(async (signal, name: string) => {
    await admin.revokeApiKey({ name }, { signal });
    keys.reload();
  });
  return (
    <Section
      title="API keys"
      lead="A key opens the collections of its tenant; one of the role ADMIN the whole service."
    >
      {secret !== undefined && (
        <NewSecret
          secret={secret}
          onDone={() => {
            setSecret(undefined);
          }}
        />
      )}
      <FailureNotice failure={revoke.failure} />
      <Loading loaded={keys}>
        {({ apiKeys, nextPageToken }) =>
          apiKeys.length === 0 ? (
            <p>
              There is no key yet. Where the service asks for none, everyone who reaches it may do everything.
            </p>
          ) : (
            <>
              <ListTable
                label="API keys"
                columns={columnsOf(revoke.run)}
                rows={apiKeys}
                keyOf={({ name }) => name}
              />
              <Pager paging={paging} nextToken={nextPageToken} label="API keys" />
            </>
          )
        }
      </Loading>
      <CreateApiKeyForm
        onCreated={(created) => {
          setSecret(created);
          keys.reload();
        }}
      />
    </Section>
  );
}

function columnsOf(revoke: (name: string) => void): readonly Column<ApiKey>[] {
  return [
    { heading: 'Name', kind: 'name', cell: ({ displayName }) => displayName || '–' },
    { heading: 'Id', cell: ({ name }) => <code>{idIn(name)}</code> },
    { heading: 'Tenant', cell: ({ tenant }) => tenant },
    { heading: 'Role', cell: ({ role }) => roleWords[role] },
    { heading: 'Limits', cell: limitWords },
    { heading: 'Created', cell: ({ createTime }) => <Time value={createTime} /> },
    { heading: 'State', cell: (key) => <KeyState apiKey={key} onRevoke={revoke} /> },
  ];
}

interface KeyStateProps {
  readonly apiKey: ApiKey;
  readonly onRevoke: (name: string) => void;
}

function KeyState({ apiKey: { name, displayName, revokeTime }, onRevoke }: KeyStateProps): JSX.Element {
  if (revokeTime !== '')
    return (
      <>
        revoked <Time value={revokeTime} />
      </>
    );
  return (
    <ConfirmButton
      label="Revoke"
      of={displayName || idIn(name)}
      question={`Revoke the key ${displayName || idIn(name)}?`}
      confirm="Revoke it"
      onConfirm={() => {
        onRevoke(name);
      }}
    >
      <p>Whoever calls with it is refused within 5 seconds. A revoked key cannot be restored.</p>
    </ConfirmButton>
  );
}

function limitWords({
  requestsPerSecond,
  imagesPerDay,
}: Pick<ApiKey, 'requestsPerSecond' | 'imagesPerDay'>): string {
  const words = [
    ...(requestsPerSecond > 0 ? [`${requestsPerSecond} requests/s`] : []),
    ...(imagesPerDay > 0 ? [`${imagesPerDay} images/day`] : []),
  ];
  return words.length === 0 ? 'unlimited' : words.join(', ');
}
