import { faceLossesByFile } from '../generated/face-losses.js';
import type { DefinedFaceLoss } from './define-face-loss.js';
import type { FaceLoss } from './face-loss.js';
import type { HyperparameterValues } from './hyperparameter.js';

/** What a training configuration may call a face loss. */
export type FaceLossName = (typeof faceLossesByFile)[number]['description']['name'];

const byName: ReadonlyMap<string, DefinedFaceLoss> = new Map<string, DefinedFaceLoss>(
  faceLossesByFile.map((loss) => [loss.description.name, loss]),
);

/** The names of the face losses, one for each file of `face/`. */
export const FACE_LOSS_NAMES: readonly FaceLossName[] = faceLossesByFile.map(
  ({ description }) => description.name,
);

/** The face loss of that name. @throws RangeError where there is none */
export function faceLossNamed(name: FaceLossName): DefinedFaceLoss {
  const found = byName.get(name);
  if (found === undefined) throw new RangeError(`there is no face loss ${name}`);
  return found;
}

/**
 * The face loss of that name, with defaults for the hyperparameters that are not given.
 *
 * @throws RangeError for a hyperparameter that the loss does not have or that is out of its bounds
 */
export function createFaceLoss(name: FaceLossName, hyperparameters: HyperparameterValues = {}): FaceLoss {
  return faceLossNamed(name)(hyperparameters);
}
