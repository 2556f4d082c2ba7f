import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { useLoaded } from '../../api/use-loaded.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
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
              <KeyTable keys={apiKeys} onRevoke={revoke.run} />
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

interface KeyTableProps {
  readonly keys: readonly ApiKey[];
  readonly onRevoke: (name: string) => void;
}

function KeyTable({ keys, onRevoke }: KeyTableProps): JSX.Element {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="API keys">
      <table>
        <caption class="for-screen-readers">API keys</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Id</th>
            <th scope="col">Tenant</th>
            <th scope="col">Role</th>
            <th scope="col">Limits</th>
            <th scope="col">Created</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {keys.map(({ name, displayName, tenant, role, createTime, revokeTime, ...limits }) => (
            <tr key={name}>
              <th scope="row">{displayName === '' ? '–' : displayName}</th>
              <td>
                <code>{idIn(name)}</code>
              </td>
              <td>{tenant}</td>
              <td>{roleWords[role]}</td>
              <td>{limitWords(limits)}</td>
              <td>
                <Time value={createTime} />
              </td>
              <td>
                {revokeTime === '' ? (
                  <ConfirmButton
                    label="Revoke …"
                    question={`Revoke the key ${displayName === '' ? idIn(name) : displayName}?`}
                    confirm="Revoke it"
                    onConfirm={() => {
                      onRevoke(name);
                    }}
                  >
                    <p>
                      Whoever calls with it is refused within 5 seconds. A revoked key cannot be restored.
                    </p>
                  </ConfirmButton>
                ) : (
                  <>
                    revoked <Time value={revokeTime} />
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
