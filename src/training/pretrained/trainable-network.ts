import * as tf from '@tensorflow/tfjs';

import { dlibTemplate, type AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { Weights } from '../../core/models/weights.js';
import type { Backbone } from '../../learning/backbones/backbone.js';
import { dlibResNetBackbone, foldedDlibResNet } from '../../learning/backbones/dlib-resnet-backbone.js';
import { backboneWeights } from '../../learning/weights/backbone-variables.js';
import { dlibResNetNetwork } from './pretrained-networks.js';
import { readWeightFile, weightSpecsOf } from './weight-file.js';

/** A network that npm ships, to be trained on. */
export interface TrainableNetwork {
  readonly backbone: Backbone;
  readonly weights: Weights;
  readonly alignment: AlignmentTemplate;
  /** Package, version and digest of the weights. */
  readonly origin: string;
  /** SHA-256 of the weights, hex. */
  readonly sha256: string;
}

/** Names that a training's configuration may say. */
export const TRAINABLE_NETWORKS = ['dlib-resnet'] as const;
export type TrainableNetworkName = (typeof TRAINABLE_NETWORKS)[number];

const readers: Readonly<Record<TrainableNetworkName, () => Promise<TrainableNetwork>>> = {
  'dlib-resnet': readDlibResNet,
};

/** @throws Failure INVALID_ARGUMENT where the package that ships it is not installed */
export async function readTrainableNetwork(name: TrainableNetworkName): Promise<TrainableNetwork> {
  return readers[name]();
}

async function readDlibResNet(): Promise<TrainableNetwork> {
  const file = await readWeightFile(dlibResNetNetwork.weights);
  const decoded = tf.io.decodeWeights(file.weights.buffer, weightSpecsOf(file));
  const backbone = dlibResNetBackbone();
  const folded = foldedDlibResNet(decoded);
  const weights = backboneWeights(backbone, folded);
  tf.dispose([decoded, folded]);
  const { name, version } = file.origin;
  const origin = `npm ${name}@${version} ${dlibResNetNetwork.weights.descriptionPath} (sha256 ${file.sha256})`;
  return { backbone, weights, alignment: dlibTemplate, origin, sha256: file.sha256 };
}
