import type { AlignmentTemplate } from '../faces/alignment-template.js';
import type { NormStatistics } from '../faces/quality/face-utility.js';
import type { RecordedCalibration } from '../protocols/calibration/model-calibration.js';
import type { Precision } from './precision.js';
import type { SelfCheck } from './self-check.js';

/** One file of a model bundle; `sha256` is lower-case hex of its bytes. */
export interface BundleFile {
  readonly fileName: string;
  readonly sha256: string;
}

/** How pixels become numbers: `(x - mean[c]) / scale[c]`, x in 0..255, c in `channelOrder`. */
export interface PixelNormalisation {
  readonly channelOrder: 'RGB' | 'BGR';
  readonly mean: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
}

export interface TensorLayout {
  readonly layout: 'NCHW' | 'NHWC';
}

interface ManifestBase {
  readonly schemaVersion: 1;
  /** Lower-case letters, digits, dots and dashes; for people. */
  readonly displayName: string;
  /** SPDX identifier where there is one; every model states its licence. */
  readonly license: string;
  /** The origin of the weights. */
  readonly source: string;
}

/**
 * The similarity from which on two faces match, as it is recorded with a model version, and how it was found.
 */
export interface RecordedThreshold {
  readonly similarity: number;
  readonly description: string;
}

/** The origin of a fine-tuned model. Counts and a digest tell its data; it names nobody. */
export interface ModelLineage {
  /** The model version that it was fine-tuned from. */
  readonly parent: string;
  readonly trainingJob: string;
  readonly identityCount: number;
  readonly heldOutIdentityCount: number;
  /** Enrolled identities whose place is below were not trained on (`heldOutBelowOf`), 0 to 1. */
  readonly heldOutBelow: number;
  readonly faceCount: number;
  /** SHA-256 of the faces as they were snapshot, hex. */
  readonly dataSha256: string;
  /** What else was trained on, of the operator's own; absent where nothing was. */
  readonly replay?: TrainedOnFaces;
}

/**
 * How a network was trained, by configuration and data. Counts and digests tell the data; it names nobody.
 * @typeParam Data what a network of its kind is trained on
 */
export interface ModelTraining<Data = TrainedOnFaces> {
  /** The configuration's name. */
  readonly configuration: string;
  /** What the weights were at first. */
  readonly start: string;
  /**
   * The seeds of the runs; where there are more than one, the weights are the mean of those that the runs came to.
   */
  readonly seeds: readonly [number, ...number[]];
  /** The number of steps of each run. */
  readonly steps: number;
  readonly data: Data;
  /** The second data set; it is absent where there was none. */
  readonly replay?: Data;
}

/** The part of a data set that was trained on. */
export interface TrainedOnFaces {
  readonly identityCount: number;
  readonly faceCount: number;
  /**
   * The SHA-256 of the names of its identities and images and of what is recorded of their contents, as hex.
   */
  readonly dataSha256: string;
}

/** The labelled photographs that a detector was trained on. */
export interface TrainedOnPhotographs {
  readonly photographCount: number;
  /** Those that detectors agree upon. */
  readonly faceCount: number;
  /** The SHA-256 of the photographs' labels (names, sizes, faces), as hex. */
  readonly dataSha256: string;
}

/** A network that embeds aligned faces. */
export interface BackboneManifest extends ManifestBase {
  readonly kind: 'backbone';
  readonly graph: BundleFile;
  readonly input: PixelNormalisation & TensorLayout & { readonly width: number; readonly height: number };
  readonly alignment: AlignmentTemplate;
  readonly embedding: {
    readonly dimension: number;
    /**
     * With `horizontal-flip` the raw embeddings of the crop and of its mirror image are summed, then normalised.
     */
    readonly testTimeAugmentation: 'none' | 'horizontal-flip';
    /** How long the raw embeddings of good faces are; a face's utility goes by it. Absent where nobody measured it. */
    readonly typicalNorm?: NormStatistics;
  };
  /** What its similarities mean; the thresholds of Verify, unless the version is calibrated here. */
  readonly calibration?: RecordedCalibration;
  /** The threshold of Verify where nothing was calibrated: of imports, stated by hand. */
  readonly similarityThreshold?: RecordedThreshold;
  /** What it must compute; where it is absent, that is not checked when the model is loaded. */
  readonly selfCheck?: SelfCheck;
  /** The fine-tuning that it came of; it is absent where it was not fine-tuned here. */
  readonly lineage?: ModelLineage;
  /**
   * The training that it came of; it is absent where that was neither `symface train` nor `symface experiment`.
   */
  readonly training?: ModelTraining;
  /** The precision of its convolutions; where it is absent, float32. */
  readonly precision?: Precision;
}

/** Families of detectors. They differ in what their outputs mean. */
export const detectorFamilies = ['retinaface', 'scrfd', 'yunet'] as const;

export type DetectorFamily = (typeof detectorFamilies)[number];

/** The graphs of a detector by what they look at; all are read alike, each at the size of its own input. */
export interface DetectorGraphs {
  /** The first look at the whole photograph; the only one where there are no others. */
  readonly detector: BundleFile;
  /** Closer looks at the whole photograph and at parts of it. */
  readonly detectorLarge?: BundleFile;
  /** Each face by itself, upright and half as large as the input; it takes any number of images in a run. */
  readonly closeUp?: BundleFile;
}

/** Graphs that find faces and their five landmarks. */
export interface DetectorManifest extends ManifestBase {
  readonly kind: 'detector';
  readonly family: DetectorFamily;
  readonly graphs: DetectorGraphs;
  /** Pixel normalisation of the `detector` graph. */
  readonly input: PixelNormalisation & TensorLayout & { readonly width: number; readonly height: number };
  /** Faces below this probability are dropped. */
  readonly minimumProbability: number;
  /** Overlap (intersection over union) from which on the less probable of two boxes is dropped. */
  readonly maximumOverlap: number;
  /** The training that it came of; it is absent where that was not `symface train`. */
  readonly training?: ModelTraining<TrainedOnPhotographs>;
  /** That of the `closeUp` graph, a network of its own. */
  readonly closeUpTraining?: ModelTraining<TrainedOnPhotographs>;
}

export type ModelManifest = BackboneManifest | DetectorManifest;

/** A registered, immutable model: its manifest and the identity derived from it. */
export interface ModelVersion<M extends ModelManifest = ModelManifest> {
  /** `displayName` + `-` + the first 12 hex digits of `contractDigest`. */
  readonly id: string;
  readonly contractDigest: string;
  readonly createTime: string;
  readonly manifest: M;
}
