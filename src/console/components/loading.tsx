import type { ComponentChildren, JSX } from 'preact';
import type { Loaded } from '../api/use-loaded.js';
import { FailureNotice } from './failure-notice.js';

interface LoadingProps<Value> {
  readonly loaded: Loaded<Value>;
  readonly children: (value: Value) => ComponentChildren;
}

/** Shows what was loaded; before that that it is being loaded, and what went wrong, with a way to try again. */
export function Loading<Value>({ loaded, children }: LoadingProps<Value>): JSX.Element {
  const { value, failure, reload } = loaded;
  return (
    <>
      <FailureNotice failure={failure} onRetry={reload} />
      {value === undefined && failure === undefined && (
        <p class="muted" role="status">
          Loading …
        </p>
      )}
      {value !== undefined && children(value)}
    </>
  );
}
