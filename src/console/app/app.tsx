import type { JSX } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { type CallFailure, callFailure } from '../api/failure.js';
import { type Session, SessionContext, clientOf } from '../api/session.js';
import { useRetry } from '../api/use-retry.js';
import { FailureNotice } from '../components/failure-notice.js';
import { AdminService } from '../generated/symface/v1/admin_service_pb.js';
import { CurrentPage } from './current-page.js';
import { Navigation } from './navigation.js';
import { addressOf, useRoute } from './route.js';
import { SignIn } from './sign-in.js';
import { SignedInAs } from './signed-in-as.js';
import { ThemeChoice } from './theme-choice.js';

interface Door {
  readonly session: Session | undefined;
  readonly failure: CallFailure | undefined;
  readonly isBusy: boolean;
}

/** The console: asks who is there, then shows the page that the address names. */
export function App(): JSX.Element {
  const [door, setDoor] = useState<Door>({ session: undefined, failure: undefined, isBusy: true });
  const enter = useCallback((apiKey: string | undefined) => {
    if (apiKey !== undefined && !keyPattern.test(apiKey)) {
      setDoor({ session: undefined, failure: noKey, isBusy: false });
      return;
    }
    const signOut = (because?: CallFailure): void => {
      setDoor({ session: undefined, failure: because ?? keyNeeded, isBusy: false });
    };
    setDoor((before) => ({ ...before, isBusy: true }));
    clientOf(AdminService, apiKey)
      .getCaller({})
      .then(
        (caller) => {
          setDoor({ session: { apiKey, caller, signOut }, failure: undefined, isBusy: false });
        },
        (error: unknown) => {
          setDoor({ session: undefined, failure: entryFailure(error, apiKey), isBusy: false });
        },
      );
  }, []);
  const enterAnew = useCallback(() => {
    enter(undefined);
  }, [enter]);
  useEffect(enterAnew, [enterAnew]);
  useRetry(door.failure, door.isBusy, enterAnew);
  if (door.session !== undefined) return <SignedIn session={door.session} />;
  const { failure, isBusy } = door;
  if (failure === undefined) return <main aria-busy="true" />;
  if (!failure.isUnauthenticated) {
    return (
      <main class="sign-in">
        <FailureNotice failure={failure} onRetry={enterAnew} />
      </main>
    );
  }
  return <SignIn failure={failure === keyNeeded ? undefined : failure} isBusy={isBusy} onKey={enter} />;
}

/** Stands for "nobody has given a key yet", which is no fault of the person's. */
const keyNeeded: CallFailure = {
  message: '',
  reason: '',
  details: {},
  isUnauthenticated: true,
  isTemporary: false,
};

/** What a header can carry; keys of the service are of these characters and not near as long. */
const keyPattern = /^[\x21-\x7e]{1,512}$/u;

const noKey: CallFailure = {
  ...keyNeeded,
  message: 'That is no API key: keys are one word that begins with "sfk_". Check that it was copied whole.',
};

function entryFailure(error: unknown, apiKey: string | undefined): CallFailure | undefined {
  const failure = callFailure(error);
  return failure?.isUnauthenticated === true && apiKey === undefined ? keyNeeded : failure;
}

function SignedIn({ session }: { readonly session: Session }): JSX.Element {
  const route = useRoute();
  useEffect(() => {
    if (route.page === '') window.location.replace(addressOf('try'));
  }, [route.page]);
  return (
    <SessionContext.Provider value={session}>
      <a class="skip-link" href="#content" onClick={skipToContent}>
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={addressOf('try')}>
          <img src="./icon.svg" alt="" width="24" height="24" />
          SymFace
        </a>
        <Navigation current={route.page} />
        <SignedInAs />
        <ThemeChoice />
      </header>
      <main id="content" tabIndex={-1}>
        {route.page !== '' && <CurrentPage route={route} />}
      </main>
    </SessionContext.Provider>
  );
}

/** The fragment of the address is the route: the browser cannot jump by it. */
function skipToContent(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}
