import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type CallFailure, callFailure } from './failure.js';
import { useSession } from './session.js';

/** Something that a person sets off. */
export interface Action<Argument extends readonly unknown[]> {
  readonly run: (...argument: Argument) => void;
  readonly isRunning: boolean;
  readonly failure: CallFailure | undefined;
  /** Gives up what runs; what the service has done of it stays. */
  readonly stop: () => void;
  /** Forgets the failure, as when what was wrong is changed. */
  readonly reset: () => void;
}

/**
 * Wraps a call that a person sets off: one at a time, its failure kept to be shown, cancelled when the person leaves.
 * @param act passes the signal on to its calls
 */
export function useAction<Argument extends readonly unknown[]>(
  act: (signal: AbortSignal, ...argument: Argument) => Promise<void>,
): Action<Argument> {
  const { signOut } = useSession();
  const [isRunning, setRunning] = useState(false);
  const [failure, setFailure] = useState<CallFailure | undefined>(undefined);
  const leaving = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => leaving.current?.abort(), []);
  const latest = useRef(act);
  latest.current = act;
  const run = useCallback(
    (...argument: Argument) => {
      leaving.current?.abort();
      const current = new AbortController();
      leaving.current = current;
      setRunning(true);
      setFailure(undefined);
      latest
        .current(current.signal, ...argument)
        .catch((error: unknown) => {
          const refused = current.signal.aborted ? undefined : callFailure(error);
          if (refused?.isUnauthenticated === true) signOut(refused);
          if (refused !== undefined) setFailure(refused);
        })
        .finally(() => {
          if (leaving.current === current) setRunning(false);
        });
    },
    [signOut],
  );
  const stop = useCallback(() => {
    leaving.current?.abort();
  }, []);
  const reset = useCallback(() => {
    setFailure(undefined);
  }, []);
  return { run, isRunning, failure, stop, reset };
}
