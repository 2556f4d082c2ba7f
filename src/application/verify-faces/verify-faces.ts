import { cosineSimilarity } from '../../domain/verification/similarity.js';
import {
  isMatch,
  requireCosine,
  resolveThreshold,
  type SimilarityThreshold,
} from '../../domain/verification/threshold.js';
import { embeddedFace } from '../analyse-image/embedded-face.js';
import type {
  AnalysedFace,
  AnalysisOutcome,
  AnalysisRequest,
  CallControl,
  FaceAnalysis,
  ImageKind,
  ServedModels,
} from '../ports/face-analysis.js';

export interface VerificationImage {
  readonly encoded: Uint8Array;
  readonly kind: ImageKind;
}

export interface VerificationPair {
  readonly imageA: VerificationImage;
  readonly imageB: VerificationImage;
}

export interface VerificationOptions {
  /** Verification compares one face with one face, so `all` is no choice. */
  readonly selection: 'exactly-one' | 'largest';
  /** Cosine similarity; the model version's own where undefined. */
  readonly similarityThreshold: number | undefined;
}

export interface Verification {
  readonly matched: boolean;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
  readonly threshold: SimilarityThreshold;
  readonly faceA: AnalysedFace;
  readonly faceB: AnalysedFace;
  readonly models: ServedModels;
}

export type VerificationOutcome =
  | { readonly ok: true; readonly verification: Verification }
  | { readonly ok: false; readonly error: unknown };

/** Do two images show the same person? */
export class VerifyFaces {
  constructor(private readonly analysis: FaceAnalysis) {}

  /**
   * @throws Failure of an image (fields `image_a`, `image_b`), THRESHOLD_NOT_CALIBRATED, INVALID_ARGUMENT, or
   *   of the engine
   */
  async execute(
    pair: VerificationPair,
    options: VerificationOptions,
    control: CallControl,
  ): Promise<Verification> {
    requireUsable(options);
    const batch = await this.analysis.analyse(requestsOf([pair], options), control);
    return verification(batch.models, batch.outcomes, 0, options);
  }

  /**
   * Many pairs; a bad image fails its own pair only.
   * @throws Failure INVALID_ARGUMENT for the threshold, or of the engine (nothing was done)
   */
  async executeBatch(
    pairs: readonly VerificationPair[],
    options: VerificationOptions,
    control: CallControl,
  ): Promise<readonly VerificationOutcome[]> {
    requireUsable(options);
    const batch = await this.analysis.analyse(requestsOf(pairs, options), control);
    return pairs.map((_, index) => {
      try {
        return { ok: true, verification: verification(batch.models, batch.outcomes, index, options) };
      } catch (error) {
        return { ok: false, error };
      }
    });
  }
}

/** Before any image is looked at. */
function requireUsable({ similarityThreshold }: VerificationOptions): void {
  if (similarityThreshold !== undefined) requireCosine(similarityThreshold);
}

function requestsOf(pairs: readonly VerificationPair[], options: VerificationOptions): AnalysisRequest[] {
  return pairs
    .flatMap((pair) => [pair.imageA, pair.imageB])
    .map((image) => ({ ...image, selection: options.selection, wantEmbeddings: true, wantCrops: false }));
}

function verification(
  models: ServedModels,
  outcomes: readonly AnalysisOutcome[],
  pairIndex: number,
  options: VerificationOptions,
): Verification {
  const threshold = resolveThreshold(options.similarityThreshold, models.similarityThreshold);
  const a = embeddedFace(outcomes[pairIndex * 2], 'image_a');
  const b = embeddedFace(outcomes[pairIndex * 2 + 1], 'image_b');
  const similarity = cosineSimilarity(a.embedding, b.embedding);
  return {
    matched: isMatch(similarity, threshold),
    similarity,
    threshold,
    faceA: a.face,
    faceB: b.face,
    models,
  };
}
