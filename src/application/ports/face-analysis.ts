import type { DetectedFace } from '../../domain/face.js';
import type { FaceSelectionPolicy } from '../../domain/face-selection.js';
import type { RecordedThreshold } from '../../domain/model/manifest.js';
import type { FaceQuality } from '../../domain/quality/face-quality.js';

/** What the encoded bytes show; see `ImageKind` in the proto. */
export type ImageKind = 'photograph' | 'aligned-crop';

/** One image to analyse and what to find out about it. */
export interface AnalysisRequest {
  readonly encoded: Uint8Array;
  readonly kind: ImageKind;
  readonly selection: FaceSelectionPolicy;
  readonly wantEmbeddings: boolean;
  readonly wantCrops: boolean;
}

/** PNG images of one face: the 112x112 ArcFace crop and its 3PSS halves. */
export interface FaceCrops {
  readonly alignedPng: Uint8Array;
  readonly leftHalfPng: Uint8Array;
  readonly rightHalfPng: Uint8Array;
}

/** Everything the service knows of one face. */
export interface AnalysedFace extends DetectedFace {
  /** Frontness ρ (SymFace Eq. 7). */
  readonly rho: number;
  /** D (Eq. 6), pixels of the 112x112 crop. */
  readonly noseOffsetPixels: number;
  readonly quality: FaceQuality;
  /** Unit length; present where embeddings were wanted. */
  readonly embedding?: Float32Array;
  readonly crops?: FaceCrops;
}

/** The versions that one generation of workers serves; results of one call never mix them. */
export interface ServedModels {
  readonly backboneId: string;
  readonly detectorId: string;
  readonly similarityThreshold?: RecordedThreshold;
}

export interface AnalysedImage {
  readonly width: number;
  readonly height: number;
  readonly faces: readonly AnalysedFace[];
}

/** One image's result, or why there is none. */
export type AnalysisOutcome =
  { readonly ok: true; readonly image: AnalysedImage } | { readonly ok: false; readonly error: Error };

export interface AnalysisBatch {
  readonly models: ServedModels;
  /** One outcome a request, in order. */
  readonly outcomes: readonly AnalysisOutcome[];
}

/** When to give up on a call. */
export interface CallControl {
  /** Fires when the caller has gone or its deadline has passed; its `reason` is the Failure to answer with. */
  readonly signal: AbortSignal;
}

/** Decode, detect, align, embed: done elsewhere, by processes that own the networks. */
export interface FaceAnalysis {
  /**
   * Analyses the images of one call, all with the same models.
   * @throws Failure OVERLOADED (nothing was queued), SHUTTING_DOWN
   */
  analyse(requests: readonly AnalysisRequest[], control: CallControl): Promise<AnalysisBatch>;
}
