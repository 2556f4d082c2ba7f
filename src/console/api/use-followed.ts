import { useEffect, useState } from 'preact/hooks';
import { type CallFailure, callFailure } from './failure.js';
import { useSession } from './session.js';

const reconnectAfterMs = 2_000;

/** The latest answer of a server stream. */
export interface Followed<Value> {
  readonly value: Value | undefined;
  readonly failure: CallFailure | undefined;
  /** The stream has come to its end. */
  readonly hasEnded: boolean;
}

/**
 * Follows a server stream while the component is shown, and again after the connection broke.
 * @param open opens the stream; undefined: nothing to follow
 */
export function useFollowed<Value>(
  open: ((signal: AbortSignal) => AsyncIterable<Value>) | undefined,
  dependencies: readonly unknown[],
): Followed<Value> {
  const { signOut } = useSession();
  const [state, setState] = useState<Followed<Value>>(nothingYet);
  useEffect(() => {
    setState(nothingYet);
    if (open === undefined) return undefined;
    const leaving = new AbortController();
    let again: ReturnType<typeof setTimeout> | undefined;
    const follow = async (): Promise<void> => {
      try {
        for await (const value of open(leaving.signal)) {
          // What another stream follows now must not be overwritten by what this one had on its way.
          if (leaving.signal.aborted) return;
          setState({ value, failure: undefined, hasEnded: false });
        }
        if (!leaving.signal.aborted) setState((before) => ({ ...before, hasEnded: true }));
      } catch (error) {
        const failure = leaving.signal.aborted ? undefined : callFailure(error);
        if (failure === undefined) return;
        if (failure.isUnauthenticated) signOut(failure);
        setState((before) => ({ ...before, failure }));
        if (failure.isTemporary) {
          again = setTimeout(() => void follow(), reconnectAfterMs);
        }
      }
    };
    void follow();
    return () => {
      leaving.abort();
      clearTimeout(again);
    };
    // The caller states what the stream depends on.
  }, [...dependencies]);
  return state;
}

const nothingYet = { value: undefined, failure: undefined, hasEnded: false } as const;
