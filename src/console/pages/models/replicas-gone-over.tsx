import type { JSX } from 'preact';
import { useServiceStatus } from '../../api/use-service-status.js';

/** How many replicas serve a version already. @param modelVersion "modelVersions/{id}" */
export function ReplicasGoneOver({ modelVersion }: { readonly modelVersion: string }): JSX.Element | null {
  const { value } = useServiceStatus();
  const gateways = value?.replicas.filter(({ gateway }) => gateway) ?? [];
  if (gateways.length === 0) return null;
  const over = gateways.filter(
    ({ backbone, detector }) => backbone === modelVersion || detector === modelVersion,
  );
  return (
    <p>
      {over.length.toLocaleString()} of {gateways.length.toLocaleString()}{' '}
      {gateways.length === 1 ? 'replica has' : 'replicas have'} gone over.
    </p>
  );
}
