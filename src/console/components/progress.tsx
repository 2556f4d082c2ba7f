import type { JSX } from 'preact';

interface ProgressProps {
  /** What is in progress, for screen readers. */
  readonly label: string;
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
  /** What is counted, such as "faces". */
  readonly unit?: string;
}

/** How far something is, as a bar and in numbers. */
export function Progress({ label, done, total, unit = '' }: ProgressProps): JSX.Element {
  const isKnown = total > 0;
  return (
    <div class="progress">
      <progress aria-label={label} {...(isKnown ? { value: done, max: total } : {})} />
      {isKnown && (
        <span class="muted">
          {done.toLocaleString()} of {total.toLocaleString()} {unit}
        </span>
      )}
    </div>
  );
}
