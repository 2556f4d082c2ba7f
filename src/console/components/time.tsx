import type { JSX } from 'preact';

interface TimeProps {
  /** RFC 3339; empty: nothing is shown. */
  readonly value: string;
  /** The reader's own where undefined. */
  readonly timeZone?: string;
}

/** A moment in the reader's language and time zone; exactly as the service told it to whoever points at it. */
export function Time({ value, timeZone }: TimeProps): JSX.Element | null {
  if (value === '') return null;
  const text = new Date(value).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return (
    <time dateTime={value} title={value}>
      {text}
    </time>
  );
}
