import { RemoteFailure } from '../../src/client/remote-failure.js';
import { Failure } from '../../src/core/failure.js';

/** The reason that a call, of the service or of a function, was refused with; text that is no reason where it was not, or failed in another way. */
export async function reasonOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => 'no refusal',
    (error: unknown) =>
      error instanceof RemoteFailure || error instanceof Failure ? error.reason : String(error),
  );
}
