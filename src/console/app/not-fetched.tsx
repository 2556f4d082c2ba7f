import type { JSX } from 'preact';
import { useLoaded } from '../api/use-loaded.js';
import { useSession } from '../api/session.js';
import { FailureNotice } from '../components/failure-notice.js';

/**
 * Says that the code of a page could not be fetched, and loads the console again once the service answers: a browser does not ask
 * for a module again that it did not get. Where that would lose a key it is left to the person.
 */
export function NotFetched(): JSX.Element {
  const { apiKey } = useSession();
  const loadAgain = (): void => {
    window.location.reload();
  };
  const { value: isBack = false } = useLoaded(
    async (signal) => {
      await fetch('./icon.svg', { signal, cache: 'no-store' });
      if (apiKey === undefined) loadAgain();
      return true;
    },
    [apiKey],
  );
  const message = isBack
    ? 'The page could not be fetched. The service answers again: the console has to be loaded again, and asks for the key then.'
    : 'The page could not be fetched: the service does not answer. Is it running?';
  const failure = { message, reason: '', details: {}, isUnauthenticated: false, isTemporary: !isBack };
  return <FailureNotice failure={failure} onRetry={loadAgain} />;
}
