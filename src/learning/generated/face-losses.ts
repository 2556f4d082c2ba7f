// Made by `npm run generate` of the files in src/learning/losses/face.
import { adaFace } from '../losses/face/ada-face.js';
import { arcFace } from '../losses/face/arc-face.js';
import { cosFace } from '../losses/face/cos-face.js';
import { curricularFace } from '../losses/face/curricular-face.js';
import { normFace } from '../losses/face/norm-face.js';
import { softmax } from '../losses/face/softmax.js';
import { sphereFace } from '../losses/face/sphere-face.js';

export const faceLossesByFile = [adaFace, arcFace, cosFace, curricularFace, normFace, softmax, sphereFace] as const;
