import type { WeightLocation } from './weight-file.js';

/** A network that npm ships, before it is compiled. */
export interface PretrainedNetwork {
  /** The compiled graph's file in its bundle. */
  readonly fileName: string;
  /** A title for people, in progress reports. */
  readonly title: string;
  readonly weights: WeightLocation;
  /**
   * Raise it whenever the function that is compiled, or what the compiler makes of it, changes: what was
   * compiled from the same weights under another number is compiled anew.
   */
  readonly definitionVersion: number;
}

const FACE_API = '@vladmandic/face-api';

export const dlibResNetNetwork = {
  fileName: 'dlib-resnet.onnx',
  title: "dlib's face recognition ResNet",
  weights: { packageName: FACE_API, descriptionPath: 'model/face_recognition_model-weights_manifest.json' },
  definitionVersion: 1,
} as const satisfies PretrainedNetwork;
