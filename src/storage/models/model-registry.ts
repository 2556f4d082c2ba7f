import type { ModelManifest, ModelVersion } from '../../core/models/manifest.js';

export type ModelKind = ModelManifest['kind'];

/** A registered version together with where its files lie. */
export interface RegisteredModel {
  readonly version: ModelVersion;
  /** Folder that holds the manifest's files. */
  readonly folder: string;
}

/** Model versions, which are never changed. Durable. */
export interface ModelRegistry {
  /** Oldest first, without those whose files cannot be used here. */
  list(): Promise<readonly RegisteredModel[]>;
  /** @throws Failure MODEL_NOT_FOUND; MODEL_INVALID where its files cannot be used here */
  get(id: string): Promise<RegisteredModel>;
  /**
   * Registers a bundle; the manifest's digests are checked against the bytes.
   * @param files bytes by file name, one for each file that the manifest names
   * @returns the stored version, and whether it is new (the same contract registered twice is one version)
   * @throws Failure MODEL_INVALID
   */
  register(
    manifest: ModelManifest,
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<{ readonly stored: RegisteredModel; readonly created: boolean }>;
}
