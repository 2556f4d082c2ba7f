import type { RegisteredModel } from '../../storage/models/model-registry.js';

/** How long backbones take, measured where nothing else uses the same process. */
export interface ModelTiming {
  /**
   * Embeds one face with each in turns on one core.
   * @returns the fastest runs in milliseconds
   * @throws Failure MODEL_INVALID where one cannot be loaded
   */
  compare(
    baseline: RegisteredModel,
    candidate: RegisteredModel,
    signal: AbortSignal,
  ): Promise<{ readonly baseline: number; readonly candidate: number }>;
}
