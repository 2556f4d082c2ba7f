import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Field } from '../../components/field.js';
import { AdminService, ApiKeyRole } from '../../generated/symface/v1/admin_service_pb.js';
import { roleWords } from './role-words.js';

const roles = [ApiKeyRole.CLIENT, ApiKeyRole.DEVICE, ApiKeyRole.ADMIN] as const;

/** @param onCreated is given the secret, which nobody can ask for again */
export function CreateApiKeyForm({
  onCreated,
}: {
  readonly onCreated: (secret: string) => void;
}): JSX.Element {
  const admin = useClient(AdminService);
  const [displayName, setDisplayName] = useState('');
  const [tenant, setTenant] = useState('default');
  const [role, setRole] = useState<ApiKeyRole>(ApiKeyRole.CLIENT);
  const create = useAction(async (signal) => {
    const { secret } = await admin.createApiKey({ displayName, tenant, role }, { signal });
    setDisplayName('');
    onCreated(secret);
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.run();
      }}
    >
      <h3>A new key</h3>
      <div class="models-form">
        <Field label="Name">
          {(ids) => (
            <input
              {...ids}
              value={displayName}
              autocomplete="off"
              onInput={(event) => {
                setDisplayName(event.currentTarget.value);
              }}
            />
          )}
        </Field>
        <Field label="Tenant">
          {(ids) => (
            <input
              {...ids}
              value={tenant}
              required
              pattern="[a-z0-9\-]{1,63}"
              title="1 to 63 of a-z, 0-9 and -"
              onInput={(event) => {
                setTenant(event.currentTarget.value);
              }}
            />
          )}
        </Field>
        <Field label="Role">
          {(ids) => (
            <select
              {...ids}
              value={String(role)}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setRole(roles.find((one) => String(one) === value) ?? ApiKeyRole.CLIENT);
              }}
            >
              {roles.map((one) => (
                <option key={one} value={String(one)}>
                  {roleWords[one]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <button type="submit" class="button button-main" disabled={create.isRunning}>
          Create
        </button>
      </div>
      <FailureNotice failure={create.failure} />
    </form>
  );
}
