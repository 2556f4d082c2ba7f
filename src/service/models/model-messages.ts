import type { ModelVersion as DomainModelVersion } from '../../core/models/manifest.js';
import type { ModelVersion } from '../../generated/symface/v1/ModelVersion.js';
import { invalidField } from '../platform/grpc/request-fields.js';

const collection = 'modelVersions/';

export function modelName(id: string): string {
  return `${collection}${id}`;
}

/** @throws Failure INVALID_ARGUMENT unless the name is "modelVersions/{id}" */
export function modelId(name: string, field = 'name'): string {
  const id = name.startsWith(collection) ? name.slice(collection.length) : '';
  if (id === '' || id.includes('/')) throw invalidField(field, 'must be "modelVersions/{id}"');
  return id;
}

export function toModelVersionMessage(version: DomainModelVersion, active: boolean): ModelVersion {
  const { manifest } = version;
  return {
    name: modelName(version.id),
    kind: manifest.kind === 'backbone' ? 'MODEL_KIND_BACKBONE' : 'MODEL_KIND_DETECTOR',
    displayName: manifest.displayName,
    license: manifest.license,
    source: manifest.source,
    contractDigest: version.contractDigest,
    active,
    manifestJson: JSON.stringify(manifest),
    createTime: version.createTime,
  };
}
