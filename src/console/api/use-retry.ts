import { useEffect, useRef } from 'preact/hooks';
import type { CallFailure } from './failure.js';

const firstDelayMs = 2_000;
const longestDelayMs = 30_000;

/** Tries again by itself what may succeed later, less and less often, for as long as the component is there. */
export function useRetry(failure: CallFailure | undefined, isTrying: boolean, retry: () => void): void {
  const attempts = useRef(0);
  useEffect(() => {
    if (failure === undefined) attempts.current = 0;
    if (failure?.isTemporary !== true || isTrying) return undefined;
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** attempts.current);
    const due = setTimeout(() => {
      attempts.current += 1;
      retry();
    }, delayMs);
    return () => {
      clearTimeout(due);
    };
  }, [failure, isTrying, retry]);
}
