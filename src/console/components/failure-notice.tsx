import type { JSX } from 'preact';
import type { CallFailure } from '../api/failure.js';

interface FailureNoticeProps {
  readonly failure: CallFailure | undefined;
  /** Offers to try again; what fails for the time being is tried again without it (useRetry). */
  readonly onRetry?: () => void;
  /** Whether what fails for the time being is tried again by itself where no button offers that. */
  readonly isTriedAgain?: boolean;
}

/** What went wrong and what to do; nothing where nothing did. Screen readers say it at once. */
export function FailureNotice({ failure, onRetry, isTriedAgain }: FailureNoticeProps): JSX.Element | null {
  if (failure === undefined) return null;
  return (
    <div class="notice notice-failure" role="alert">
      <p>{failure.message}</p>
      {failure.reason !== '' && (
        <p class="muted">
          Reason <code>{failure.reason}</code>
        </p>
      )}
      {(onRetry !== undefined || isTriedAgain === true) && failure.isTemporary && (
        <p class="muted">It is tried again by itself.</p>
      )}
      {onRetry !== undefined && (
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
