import type { DetectorFamily } from '../../core/models/manifest.js';
import type { DecodeFaces } from './detector-outputs.js';
import { decodeRetinaFace } from './retinaface.js';
import { decodeScrfd } from './scrfd.js';
import { decodeYuNet } from './yunet.js';

/** How the outputs of each family are read. */
export const detectorDecoders: Readonly<Record<DetectorFamily, DecodeFaces>> = {
  retinaface: decodeRetinaFace,
  scrfd: decodeScrfd,
  yunet: decodeYuNet,
};
