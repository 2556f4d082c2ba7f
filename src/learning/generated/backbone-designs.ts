// Made by `npm run generate` of the files in src/learning/backbones/designs.
import { improvedResNet } from '../backbones/designs/improved-res-net.js';
import { mobileFaceNet } from '../backbones/designs/mobile-face-net.js';
import { shuffleFaceNet } from '../backbones/designs/shuffle-face-net.js';
import { vargFaceNet } from '../backbones/designs/varg-face-net.js';

export const backboneDesignsByFile = [improvedResNet, mobileFaceNet, shuffleFaceNet, vargFaceNet] as const;
