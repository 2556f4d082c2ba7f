import type { ModelRegistry, RegisteredModel } from '../../../storage/models/model-registry.js';

export class GetModel {
  constructor(private readonly registry: ModelRegistry) {}

  /** @throws Failure MODEL_NOT_FOUND */
  async execute(id: string): Promise<RegisteredModel> {
    return this.registry.get(id);
  }
}
