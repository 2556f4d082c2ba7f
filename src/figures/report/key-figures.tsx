import type { JSX } from 'preact';

/** A figure that a reader looks for first. */
export interface KeyFigure {
  readonly label: string;
  readonly value: string;
  /** Its interval, or what it is by. */
  readonly note?: string | undefined;
}

export function KeyFigures({ figures }: { readonly figures: readonly KeyFigure[] }): JSX.Element {
  return (
    <dl class="key-figures">
      {figures.map(({ label, value, note }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd class="value">{value}</dd>
          {note === undefined ? null : <dd class="note">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}

/** What a report is of, a line each: a name and what it is. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.flatMap(([name, fact]) => [<dt key={name}>{name}</dt>, <dd key={`${name}-fact`}>{fact}</dd>])}
    </dl>
  );
}
