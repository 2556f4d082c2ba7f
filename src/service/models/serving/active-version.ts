import { Failure } from '../../../core/failure.js';
import type { DetectorFamily, ModelManifest, ModelVersion } from '../../../core/models/manifest.js';

/**
 * What serves when no version was activated explicitly: what comes with SymFace, or a later one of its family that the operator
 * has imported. SCRFD and YuNet serve only when activated.
 */
const defaultFamily: DetectorFamily = 'retinaface';

/**
 * The detector that serves: the activated one; else the newest RetinaFace; else the newest of any.
 * @param versions registered versions of any kind
 * @param activatedId what the operator activated, if anything
 * @returns undefined where no detector is registered
 * @throws Failure MODEL_NOT_FOUND where the activated one is gone
 */
export function chooseActiveDetector(
  versions: readonly ModelVersion[],
  activatedId: string | undefined,
): ModelVersion | undefined {
  const detectors = versions.filter(({ manifest }) => manifest.kind === 'detector');
  if (activatedId !== undefined) return withId(detectors, activatedId);
  const ofDefaultFamily = detectors.filter(({ manifest }) => isOfFamily(manifest, defaultFamily));
  return newest(ofDefaultFamily) ?? newest(detectors);
}

/**
 * The backbone that serves: the activated one, else the one that is preferred, else the first that was registered.
 * Importing a backbone never replaces the one whose embeddings are stored; activating it does.
 * @param preferredName display name of the one that an operator wants where none was activated
 * @returns undefined where no backbone is registered
 * @throws Failure MODEL_NOT_FOUND where the activated one is gone
 */
export function chooseActiveBackbone(
  versions: readonly ModelVersion[],
  activatedId: string | undefined,
  preferredName?: string,
): ModelVersion | undefined {
  const backbones = versions.filter(({ manifest }) => manifest.kind === 'backbone');
  if (activatedId !== undefined) return withId(backbones, activatedId);
  const preferred = backbones.filter(({ manifest }) => manifest.displayName === preferredName);
  return newest(preferred) ?? oldest(backbones);
}

/**
 * The version with an id. No other may step in for one that was chosen: embeddings, or faces, would differ silently.
 */
function withId(versions: readonly ModelVersion[], activatedId: string): ModelVersion {
  const activated = versions.find(({ id }) => id === activatedId);
  if (activated !== undefined) return activated;
  throw new Failure('MODEL_NOT_FOUND', `the activated model version ${activatedId} is not installed`, {
    id: activatedId,
  });
}

function isOfFamily(manifest: ModelManifest, family: DetectorFamily): boolean {
  return manifest.kind === 'detector' && manifest.family === family;
}

function newest(versions: readonly ModelVersion[]): ModelVersion | undefined {
  return inOrderOfCreation(versions).at(-1);
}

function oldest(versions: readonly ModelVersion[]): ModelVersion | undefined {
  return inOrderOfCreation(versions).at(0);
}

/** ISO 8601 times in UTC sort as text; the id decides between equal ones. */
function inOrderOfCreation(versions: readonly ModelVersion[]): readonly ModelVersion[] {
  const key = ({ createTime, id }: ModelVersion): string => `${createTime} ${id}`;
  return [...versions].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}
