import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';

/** Removes the artifacts whose names begin with a prefix, one after the other. */
export async function removeArtifacts(
  artifacts: Pick<ArtifactStore, 'list' | 'remove'>,
  prefix: string,
  isKept: (name: string) => boolean = () => false,
): Promise<void> {
  for (const { name } of await artifacts.list(prefix)) if (!isKept(name)) await artifacts.remove(name);
}
