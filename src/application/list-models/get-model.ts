import type { ModelVersion } from '../../domain/model/manifest.js';
import type { ModelRegistry } from '../ports/model-registry.js';

export class GetModel {
  constructor(private readonly registry: ModelRegistry) {}

  /** @throws Failure MODEL_NOT_FOUND */
  async execute(id: string): Promise<ModelVersion> {
    return (await this.registry.get(id)).version;
  }
}
