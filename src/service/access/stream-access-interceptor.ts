import { type Metadata, type ServerInterceptor, ServerInterceptingCall } from '@grpc/grpc-js';
import { Failure } from '../../core/failure.js';
import { endCall } from '../platform/grpc/end-call.js';
import type { ErrorReporter } from '../platform/grpc/error-reporter.js';
import { callPeer } from '../platform/grpc/call-peer.js';
import { bearerKey } from './authentication-interceptor.js';
import { admittedCaller } from './call-caller.js';
import type { Caller } from './caller.js';
import type { Authenticate } from './keys/authenticate.js';

/** How often it is asked whether the key of an open stream still holds; for most of the times memory knows. */
const everyMs = 1_000;

/**
 * Ends streams whose key is revoked, or of another tenant or role now: they may last for days, and are authenticated when they
 * begin. It comes after the authentication, which says whose they are.
 */
export function streamAccessInterceptor(
  authenticate: Pick<Authenticate, 'execute'>,
  errors: ErrorReporter,
): ServerInterceptor {
  return ({ requestStream, responseStream }, call) => {
    if (!requestStream && !responseStream) return new ServerInterceptingCall(call);
    let isOver = false;
    let stop = (): void => undefined;
    const end = (failure: Failure): void => {
      isOver = true;
      errors.report(failure);
      endCall(call, failure);
    };
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, proceed) => {
            const caller = admittedCaller(metadata);
            const { address } = callPeer(call, metadata);
            if (caller !== undefined)
              stop = askRepeatedly(async () => stillHolds(authenticate, metadata, address, caller), end);
            proceed(metadata);
          },
          // Comes with the end of every call, whatever it was.
          onCancel: () => {
            stop();
          },
        });
      },
      // What comes after the stream was ended has nobody to go to.
      sendMetadata: (metadata, next) => {
        if (!isOver) next(metadata);
      },
      sendMessage: (message, next) => {
        if (!isOver) next(message);
      },
      sendStatus: (reply, next) => {
        stop();
        if (!isOver) next(reply);
      },
    });
  };
}

/** @throws Failure UNAUTHENTICATED where whoever has begun the stream could not begin it now; DATABASE_UNAVAILABLE */
async function stillHolds(
  authenticate: Pick<Authenticate, 'execute'>,
  metadata: Metadata,
  address: string,
  { tenant, role }: Caller,
): Promise<void> {
  const now = await authenticate.execute(bearerKey(metadata.get('authorization')), address);
  if (now.tenant === tenant && now.role === role) return;
  throw new Failure(
    'UNAUTHENTICATED',
    'The tenant or the role of the API key has changed. Open the stream again.',
  );
}

/**
 * Asks until the answer is no, which ends it. Where no answer is to be had, as while the database is away, the stream stays:
 * nobody can revoke a key then.
 * @returns stops the asking
 */
function askRepeatedly(ask: () => Promise<void>, onNo: (failure: Failure) => void): () => void {
  let isStopped = false;
  let timer: NodeJS.Timeout;
  const askLater = (): void => {
    timer = setTimeout(() => {
      ask().then(askLater, (error: unknown) => {
        if (isStopped) return;
        if (error instanceof Failure && error.reason === 'UNAUTHENTICATED') onNo(error);
        else askLater();
      });
    }, everyMs).unref();
    if (isStopped) clearTimeout(timer);
  };
  askLater();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
