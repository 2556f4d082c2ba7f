import { Failure } from '../../../core/failure.js';
import type { ModelVersion } from '../../../core/models/manifest.js';
import type { ModelKind } from '../../../storage/models/model-registry.js';

/**
 * The version of a kind that serves: the activated one; where none was yet, at the first start, the newest that has the
 * preferred name, else the first that was registered. Importing a version never changes what serves; activating it does.
 * @param versions registered versions of any kind
 * @param activatedId what was activated or chosen before, if anything
 * @param preferredName display name of what comes with SymFace
 * @returns undefined where no version of the kind is registered
 * @throws Failure MODEL_NOT_FOUND where the activated one is gone
 */
export function chooseActiveVersion(
  kind: ModelKind,
  versions: readonly ModelVersion[],
  activatedId: string | undefined,
  preferredName?: string,
): ModelVersion | undefined {
  const ofKind = inOrderOfCreation(versions.filter(({ manifest }) => manifest.kind === kind));
  if (activatedId !== undefined) return withId(ofKind, activatedId);
  return ofKind.findLast(({ manifest }) => manifest.displayName === preferredName) ?? ofKind.at(0);
}

/**
 * The version with an id. No other may step in for one that was chosen: embeddings, or faces, would differ silently.
 */
function withId(versions: readonly ModelVersion[], activatedId: string): ModelVersion {
  const activated = versions.find(({ id }) => id === activatedId);
  if (activated !== undefined) return activated;
  throw new Failure('MODEL_NOT_FOUND', `The activated model version ${activatedId} is not installed.`, {
    id: activatedId,
  });
}

/** ISO 8601 times in UTC sort as text; the id decides between equal ones. */
function inOrderOfCreation(versions: readonly ModelVersion[]): readonly ModelVersion[] {
  const key = ({ createTime, id }: ModelVersion): string => `${createTime} ${id}`;
  return [...versions].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}
