import type { ComponentChildren, JSX } from 'preact';

/** A name and what it is; undefined: left out. */
export type Detail = readonly [string, ComponentChildren] | undefined;

/** Names and what they are, a line each. */
export function DetailList({ details }: { readonly details: readonly Detail[] }): JSX.Element {
  return (
    <dl class="facts">
      {details.flatMap((detail) => {
        if (detail === undefined) return [];
        const [name, value] = detail;
        return [<dt key={name}>{name}</dt>, <dd key={`${name} value`}>{value}</dd>];
      })}
    </dl>
  );
}
