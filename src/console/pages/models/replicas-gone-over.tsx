import type { JSX } from 'preact';

/** How many replicas serve a version already. */
export function ReplicasGoneOver(): JSX.Element {
  return <p>Replicas go over within seconds.</p>;
}
