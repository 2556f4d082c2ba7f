import { adaFace } from './ada-face.js';
import { arcFace } from './arc-face.js';
import { cosFace } from './cos-face.js';
import { curricularFace } from './curricular-face.js';
import { normFace } from './norm-face.js';
import { softmax } from './softmax.js';
import { sphereFace } from './sphere-face.js';

/** Every face loss by the name that a training job gives it. Each takes its own options and is usable without SymFace. */
export const FACE_LOSSES = {
  softmax,
  normface: normFace,
  sphereface: sphereFace,
  cosface: cosFace,
  arcface: arcFace,
  adaface: adaFace,
  curricularface: curricularFace,
} as const;

export type FaceLossName = keyof typeof FACE_LOSSES;
