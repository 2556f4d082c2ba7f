import { ADA_FACE_DEFAULTS, adaFace } from './ada-face.js';
import { ARC_FACE_DEFAULTS, arcFace } from './arc-face.js';
import { COS_FACE_DEFAULTS, cosFace } from './cos-face.js';
import { CURRICULAR_FACE_DEFAULTS, curricularFace } from './curricular-face.js';
import type { FaceLoss } from './face-loss.js';
import { NORM_FACE_DEFAULTS, normFace } from './norm-face.js';
import { softmax } from './softmax.js';
import { SPHERE_FACE_DEFAULTS, sphereFace } from './sphere-face.js';

/** Hyperparameters of a face loss by name, as a training job records them. */
export type FaceLossHyperparameters = Readonly<Record<string, number>>;

interface FaceLossEntry {
  readonly defaults: FaceLossHyperparameters;
  readonly create: (hyperparameters: FaceLossHyperparameters) => FaceLoss;
}

/** The face losses by the names that a training gives them. */
export const FACE_LOSSES = {
  softmax: { defaults: {}, create: softmax },
  normface: { defaults: NORM_FACE_DEFAULTS, create: normFace },
  sphereface: { defaults: SPHERE_FACE_DEFAULTS, create: sphereFace },
  cosface: { defaults: COS_FACE_DEFAULTS, create: cosFace },
  arcface: { defaults: ARC_FACE_DEFAULTS, create: arcFace },
  adaface: { defaults: ADA_FACE_DEFAULTS, create: adaFace },
  curricularface: { defaults: CURRICULAR_FACE_DEFAULTS, create: curricularFace },
} as const satisfies Record<string, FaceLossEntry>;

export type FaceLossName = keyof typeof FACE_LOSSES;

/**
 * The face loss of that name, with defaults for the hyperparameters that are not given.
 *
 * @throws RangeError for a hyperparameter that the loss does not have or that is out of its range
 */
export function createFaceLoss(name: FaceLossName, hyperparameters: FaceLossHyperparameters = {}): FaceLoss {
  const { defaults, create }: FaceLossEntry = FACE_LOSSES[name];
  const unknown = Object.keys(hyperparameters).find((key) => !Object.hasOwn(defaults, key));
  if (unknown !== undefined) throw new RangeError(`${name} has no hyperparameter ${unknown}`);
  return create(hyperparameters);
}
