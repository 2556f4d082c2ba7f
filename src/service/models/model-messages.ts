import type { ModelManifest } from '../../core/models/manifest.js';
import type { ModelVersion } from '../../generated/symface/v1/ModelVersion.js';
import type { RegisteredModel } from '../../storage/models/model-registry.js';
import { modelName } from '../platform/grpc/resource-names.js';
import { bundleSizeBytes } from './registry/bundle-size.js';
import type { ModelStandings } from './serving/serve-active-models.js';

/**
 * @param standings of all versions
 * @param forClient leaves out what the version was fine-tuned on: it counts the faces of all tenants
 */
export async function toModelVersionMessage(
  stored: RegisteredModel,
  standings: ModelStandings,
  forClient: boolean,
): Promise<ModelVersion> {
  const { version } = stored;
  const manifest = forClient ? withoutLineage(version.manifest) : version.manifest;
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

function withoutLineage(manifest: ModelManifest): ModelManifest {
  if (manifest.kind !== 'backbone' || manifest.lineage === undefined) return manifest;
  const { lineage, ...rest } = manifest;
  return { ...rest, source: `fine-tuned from ${lineage.parent} on enrolled faces` };
}
