import { createHash } from 'node:crypto';

import type { ModelRegistry, RegisteredModel } from '../../storage/models/model-registry.js';
import type { ModelManifest } from '../../core/models/manifest.js';

/** What a model is registered with. */
export interface PreparedModel {
  readonly manifest: ModelManifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A model that is read but perhaps not made ready to serve. */
export interface Preparation {
  /**
   * The source that its manifest says. Equal text means an equal model, so it is the key of what was prepared
   * before.
   */
  readonly source: string;
  /** Steps that making it takes. */
  readonly stepCount: number;
  /** @param onStep told of each step by its title, before it begins */
  readonly make: (onStep: (title: string) => void) => Promise<PreparedModel>;
}

/** The version that was prepared before, or one that is made now. */
export async function carryOut(
  { source, make }: Preparation,
  registry: ModelRegistry,
  onStep: (title: string) => void,
): Promise<RegisteredModel> {
  const existing = preparedBefore(source, await registry.list());
  if (existing !== undefined) return existing;
  const { manifest, files } = await make(onStep);
  const { stored } = await registry.register(manifest, files);
  return stored;
}

export function preparedBefore(
  source: string,
  registered: readonly RegisteredModel[],
): RegisteredModel | undefined {
  return registered.find(({ version }) => version.manifest.source === source);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
