import type { ModelVersion as DomainModelVersion } from '../../core/models/manifest.js';
import type { ModelVersion } from '../../generated/symface/v1/ModelVersion.js';
import { modelName } from '../platform/grpc/resource-names.js';

/** @param activeSince when it became the version of its kind that serves; undefined where it does not */
export function toModelVersionMessage(
  version: DomainModelVersion,
  activeSince: Date | undefined,
): ModelVersion {
  const { manifest } = version;
  return {
    name: modelName(version.id),
    kind: manifest.kind === 'backbone' ? 'MODEL_KIND_BACKBONE' : 'MODEL_KIND_DETECTOR',
    displayName: manifest.displayName,
    license: manifest.license,
    source: manifest.source,
    contractDigest: version.contractDigest,
    active: activeSince !== undefined,
    manifestJson: JSON.stringify(manifest),
    createTime: version.createTime,
    activateTime: activeSince?.toISOString() ?? '',
  };
}
