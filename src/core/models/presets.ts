import { arcFaceTemplate } from '../faces/alignment-template.js';
import type {
  BackboneManifest,
  DetectorFamily,
  DetectorManifest,
  PixelNormalisation,
  TensorLayout,
} from './manifest.js';

/** What a preset leaves to whoever imports the model: its name, licence and source, and the graph's digest. */
type LeftToTheImport = 'displayName' | 'license' | 'source';

export type DetectorPreset = Omit<DetectorManifest, LeftToTheImport | 'graphs'>;
export type BackbonePreset = Omit<BackboneManifest, LeftToTheImport | 'graph'>;
export type ModelPreset = DetectorPreset | BackbonePreset;

/** How dlib's face recognition ResNet takes pixels. */
export const dlibPixels: PixelNormalisation = {
  channelOrder: 'RGB',
  mean: [122.782, 117.001, 104.298],
  scale: [256, 256, 256],
};

const DETECTOR_SIDE_PIXELS = 640;

/** RetinaFace with the mobilenet0.25 backbone, as exported from Pytorch_Retinaface. */
export const retinaFacePreset: DetectorPreset = {
  schemaVersion: 1,
  kind: 'detector',
  family: 'retinaface',
  input: {
    width: DETECTOR_SIDE_PIXELS,
    height: DETECTOR_SIDE_PIXELS,
    layout: 'NCHW',
    channelOrder: 'BGR',
    // In the order of the channels: blue, green, red.
    mean: [104, 117, 123],
    scale: [1, 1, 1],
  },
  minimumProbability: 0.5,
  // Not Pytorch_Retinaface's 0.4: on LFW it leaves boxes around two neighbouring faces beside those of the faces,
  // in 160 of 7,701 photographs against 73 at 0.3, and no true face of the group photograph is lost.
  maximumOverlap: 0.3,
};

/** SCRFD with five landmarks (the `bnkps` files of InsightFace). */
const scrfdPreset: DetectorPreset = {
  schemaVersion: 1,
  kind: 'detector',
  family: 'scrfd',
  input: {
    width: DETECTOR_SIDE_PIXELS,
    height: DETECTOR_SIDE_PIXELS,
    layout: 'NCHW',
    channelOrder: 'RGB',
    mean: [127.5, 127.5, 127.5],
    scale: [128, 128, 128],
  },
  minimumProbability: 0.5,
  maximumOverlap: 0.4,
};

/** YuNet (libfacedetection, OpenCV's `face_detection_yunet`). */
const yuNetPreset: DetectorPreset = {
  schemaVersion: 1,
  kind: 'detector',
  family: 'yunet',
  input: {
    width: DETECTOR_SIDE_PIXELS,
    height: DETECTOR_SIDE_PIXELS,
    layout: 'NCHW',
    channelOrder: 'BGR',
    mean: [0, 0, 0],
    scale: [1, 1, 1],
  },
  minimumProbability: 0.6,
  maximumOverlap: 0.3,
};

export interface ArcFacePresetOptions {
  /** Length of the embedding; what the graph gives. */
  readonly dimension: number;
  /** The paper's RGB, (x - 127.5) / 128 and NCHW where absent. */
  readonly pixels?: PixelNormalisation & TensorLayout;
  readonly testTimeAugmentation?: BackboneManifest['embedding']['testTimeAugmentation'];
  readonly similarityThreshold?: BackboneManifest['similarityThreshold'];
}

const paperPixels: PixelNormalisation & TensorLayout = {
  layout: 'NCHW',
  channelOrder: 'RGB',
  mean: [127.5, 127.5, 127.5],
  scale: [128, 128, 128],
};

/** A backbone that takes 112x112 crops aligned to ArcFace's template; with flip augmentation unless told. */
export function arcFacePreset(options: ArcFacePresetOptions): BackbonePreset {
  const { width, height } = arcFaceTemplate;
  return {
    schemaVersion: 1,
    kind: 'backbone',
    input: { width, height, ...(options.pixels ?? paperPixels) },
    alignment: arcFaceTemplate,
    embedding: {
      dimension: options.dimension,
      testTimeAugmentation: options.testTimeAugmentation ?? 'horizontal-flip',
    },
    ...(options.similarityThreshold === undefined
      ? {}
      : { similarityThreshold: options.similarityThreshold }),
  };
}

/** Presets that need no options, by the name under which the command line offers them. */
export const detectorPresets: Readonly<Record<DetectorFamily, DetectorPreset>> = {
  retinaface: retinaFacePreset,
  scrfd: scrfdPreset,
  yunet: yuNetPreset,
};
