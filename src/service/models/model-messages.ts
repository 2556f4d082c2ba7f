import type { ModelVersion } from '../../generated/symface/v1/ModelVersion.js';
import type { RegisteredModel } from '../../storage/models/model-registry.js';
import { modelName } from '../platform/grpc/resource-names.js';
import { bundleSizeBytes } from './registry/bundle-size.js';
import type { ModelStandings } from './serving/serve-active-models.js';

/** @param standings of all versions */
export async function toModelVersionMessage(
  stored: RegisteredModel,
  standings: ModelStandings,
): Promise<ModelVersion> {
  const { version } = stored;
  const { manifest } = version;
  const activeSince = standings.activeSince.get(version.id);
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
    servedBefore: standings.servedBefore.has(version.id),
    graphSizeBytes: await bundleSizeBytes(stored),
  };
}
