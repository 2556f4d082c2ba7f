import type { JSX } from 'preact';
import { useSession } from '../api/session.js';
import { ApiKeyRole } from '../generated/symface/v1/admin_service_pb.js';

/** Whose key is in use, and the way out; nothing where the service asks for no keys. */
export function SignedInAs(): JSX.Element | null {
  const { apiKey, caller, signOut } = useSession();
  if (apiKey === undefined) return null;
  return (
    <div class="signed-in">
      <span class="muted" title={caller.actor}>
        {caller.tenant}, {ApiKeyRole[caller.role].toLowerCase()}
      </span>
      <button
        type="button"
        class="button"
        onClick={() => {
          signOut();
        }}
      >
        Sign out
      </button>
    </div>
  );
}
