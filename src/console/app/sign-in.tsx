import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { CallFailure } from '../api/failure.js';
import { FailureNotice } from '../components/failure-notice.js';

interface SignInProps {
  readonly failure: CallFailure | undefined;
  readonly isBusy: boolean;
  readonly onKey: (apiKey: string) => void;
}

/** Asks for an API key. */
export function SignIn({ failure, isBusy, onKey }: SignInProps): JSX.Element {
  const id = useId();
  const [apiKey, setApiKey] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    onKey(apiKey.trim());
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit}>
        <h1>SymFace</h1>
        <p>This service asks for an API key. What you may see and do depends on its role.</p>
        <FailureNotice failure={failure} />
        <label for={id}>API key</label>
        <input
          id={id}
          type="password"
          autocomplete="off"
          spellcheck={false}
          autofocus
          required
          value={apiKey}
          onInput={(event) => {
            setApiKey(event.currentTarget.value);
          }}
        />
        <button type="submit" class="button button-main" disabled={isBusy || apiKey.trim() === ''}>
          {isBusy ? 'Signing in …' : 'Sign in'}
        </button>
        <p class="muted">
          The key stays in the memory of this page: loading the page again asks for it again. An operator
          makes keys with <code>symface keys create</code>.
        </p>
      </form>
    </main>
  );
}
