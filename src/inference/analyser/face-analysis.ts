import type { MeasuredFace } from '../../core/faces/face-record.js';
import type { FaceSelectionPolicy } from '../../core/faces/face-selection.js';
import type { Landmarks } from '../../core/faces/landmarks.js';
import type { RecordedThreshold } from '../../core/models/manifest.js';
import type { RecordedCalibration } from '../../core/protocols/calibration/model-calibration.js';

/** What the encoded bytes show; see `ImageKind` in the proto. */
export type ImageKind = 'photograph' | 'aligned-crop';

/** One image to analyse and what to find out about it. */
export interface AnalysisRequest {
  readonly encoded: Uint8Array;
  readonly kind: ImageKind;
  readonly selection: FaceSelectionPolicy;
  readonly wantEmbeddings: boolean;
  readonly wantCrops: boolean;
  readonly wantStoredCrops?: boolean;
  /** Whether the halves of each face are embedded, as SymFace's 3PSS splits it. */
  readonly wantHalves?: boolean;
  /** The landmarks of the one face in the image, where they are known: nothing is detected then. */
  readonly knownLandmarks?: Landmarks;
}

/** A `StoredCrop` as it is kept: a lossless image, and the landmarks in its pixels. */
export interface EncodedStoredCrop {
  /** WebP. */
  readonly encoded: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly landmarks: Landmarks;
}

/** PNG images of one face: the 112x112 ArcFace crop and its 3PSS halves. */
export interface FaceCrops {
  readonly alignedPng: Uint8Array;
  readonly leftHalfPng: Uint8Array;
  readonly rightHalfPng: Uint8Array;
}

/** What the backbone makes of a face's halves, each on black; unit length. */
export interface HalfEmbeddings {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

/** Everything the service knows of one face. */
export interface AnalysedFace extends MeasuredFace {
  /** Unit length; present where embeddings were wanted. */
  readonly embedding?: Float32Array;
  readonly crops?: FaceCrops;
  readonly halves?: HalfEmbeddings;
  readonly storedCrop?: EncodedStoredCrop;
}

/** The versions that one generation of workers serves; results of one call never mix them. */
export interface ServedModels {
  readonly backboneId: string;
  readonly detectorId: string;
  /** How many numbers the backbone's embeddings have. */
  readonly embeddingDimension: number;
  /** What the backbone's manifest says of its similarities. */
  readonly calibration?: RecordedCalibration;
  readonly similarityThreshold?: RecordedThreshold;
}

export interface AnalysedImage {
  readonly width: number;
  readonly height: number;
  readonly faces: readonly AnalysedFace[];
}

/** One image's result, or why there is none. */
export type AnalysisResult =
  { readonly ok: true; readonly image: AnalysedImage } | { readonly ok: false; readonly error: Error };

export interface AnalysisBatch {
  readonly models: ServedModels;
  /** One outcome a request, in order. */
  readonly outcomes: readonly AnalysisResult[];
}

/** Tells when to give up on a call, and for whom it is. */
export interface CallControl {
  /** Fires when the caller has gone or its deadline has passed; its `reason` is the Failure to answer with. */
  readonly signal: AbortSignal;
  /**
   * Who takes turns with whom: names of the tenant, the connection and such, and of the call, from the outermost on. Work of
   * the service's own has none.
   */
  readonly share?: readonly string[];
  /** Counts the images of callers who may have only so many looked at. */
  readonly images?: ImageAllowance;
}

/** How many images a caller may still have looked at. */
export interface ImageAllowance {
  /** Counts images that are about to be looked at. @throws Failure RATE_LIMITED where they are too many */
  take(images: number): void;
  /** Counts images no longer that were not looked at in the end. */
  giveBack(images: number): void;
}

/** Decode, detect, align, embed: done elsewhere, by processes that own the networks. */
export interface FaceAnalysis {
  /**
   * Analyses the images of one call, all with the same models.
   * @throws Failure OVERLOADED (nothing was queued), SHUTTING_DOWN
   */
  analyse(requests: readonly AnalysisRequest[], control: CallControl): Promise<AnalysisBatch>;
}
