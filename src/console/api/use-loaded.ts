import { useCallback, useEffect, useState } from 'preact/hooks';
import { type CallFailure, callFailure } from './failure.js';
import { useSession } from './session.js';
import { useRetry } from './use-retry.js';

/** What a page loads. A value stays while it is loaded again, so that nothing flickers. */
export interface Loaded<Value> {
  readonly value: Value | undefined;
  readonly failure: CallFailure | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/**
 * Loads a value when the component appears and whenever `dependencies` change; what is no longer wanted is cancelled. What fails for the
 * time being is tried again by itself.
 * @param load passes the signal on to its call
 */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  dependencies: readonly unknown[],
): Loaded<Value> {
  const { signOut } = useSession();
  const [generation, setGeneration] = useState(0);
  const [state, setState] = useState<Omit<Loaded<Value>, 'reload'>>({
    value: undefined,
    failure: undefined,
    isLoading: true,
  });
  useEffect(() => {
    const leaving = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    load(leaving.signal).then(
      (value) => {
        if (!leaving.signal.aborted) setState({ value, failure: undefined, isLoading: false });
      },
      (error: unknown) => {
        const failure = leaving.signal.aborted ? undefined : callFailure(error);
        if (failure === undefined) return;
        if (failure.isUnauthenticated) signOut(failure);
        setState((before) => ({ ...before, failure, isLoading: false }));
      },
    );
    return () => {
      leaving.abort();
    };
    // The caller states what the value depends on.
  }, [...dependencies, generation]);
  const reload = useCallback(() => {
    setGeneration((count) => count + 1);
  }, []);
  useRetry(state.failure, state.isLoading, reload);
  return { ...state, reload };
}
