import type { ModelVersion } from '../../../core/models/manifest.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';

export class GetModel {
  constructor(private readonly registry: ModelRegistry) {}

  /** @throws Failure MODEL_NOT_FOUND */
  async execute(id: string): Promise<ModelVersion> {
    return (await this.registry.get(id)).version;
  }
}
