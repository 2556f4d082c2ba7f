import type { DetectorFamily, SingleNetworkFamily } from '../../core/models/manifest.js';
import type { DecodeFaces } from './detector-outputs.js';
import { decodeRetinaFace } from './retinaface.js';
import { decodeScrfd } from './scrfd.js';
import { decodeYuNet } from './yunet.js';

/** Decoders of the families that are one network, which takes the whole photograph. */
export const detectorDecoders: Readonly<Record<SingleNetworkFamily, DecodeFaces>> = {
  retinaface: decodeRetinaFace,
  scrfd: decodeScrfd,
  yunet: decodeYuNet,
};

export function isSingleNetworkFamily(family: DetectorFamily): family is SingleNetworkFamily {
  return family in detectorDecoders;
}
