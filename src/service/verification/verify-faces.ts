import { cosineSimilarity } from '../../core/verification/similarity.js';
import {
  beyondCalibration,
  expectedOf,
  judgePair,
  type Judgement,
} from '../../core/verification/pair-judgement.js';
import { requireUsable, type ThresholdRule } from '../../core/verification/threshold.js';
import { embeddedFace, type QualityFinding, requireUsableQuality } from './embedded-face.js';
import type { CurrentCalibrations } from './calibration/current-calibrations.js';
import type { VerificationObserver } from './verification-observer.js';
import type {
  AnalysedFace,
  AnalysisResult,
  AnalysisRequest,
  CallControl,
  FaceAnalysis,
  ServedModels,
} from '../../inference/analyser/face-analysis.js';
import type { VerificationImage, VerificationOptions, VerificationPair } from './verification-request.js';

export interface Verification extends Judgement {
  readonly faceA: AnalysedFace;
  readonly faceB: AnalysedFace;
  readonly models: ServedModels;
  /** What would have been refused, had the request not allowed it. */
  readonly findings: readonly QualityFinding[];
}

export type VerificationResult =
  | { readonly ok: true; readonly verification: Verification }
  | { readonly ok: false; readonly error: unknown };

/** An image, and the proto path that it came from. */
export interface ImageOfField {
  readonly image: VerificationImage;
  readonly field: string;
}

/** Finds out whether two images show the same person. */
export class VerifyFaces {
  constructor(
    private readonly analysis: FaceAnalysis,
    private readonly calibrations: CurrentCalibrations,
    private readonly observer?: VerificationObserver,
  ) {}

  /**
   * @throws Failure of an image (fields `image_a`, `image_b`), THRESHOLD_NOT_CALIBRATED, INVALID_ARGUMENT, or
   *   of the engine
   */
  async execute(
    pair: VerificationPair,
    options: VerificationOptions,
    control: CallControl,
  ): Promise<Verification> {
    requireUsable(options.threshold);
    requireUsableQuality(options.quality);
    const startedAtMs = performance.now();
    const batch = await this.analysis.analyse(requestsOf([pair], options), control);
    const rule = await this.calibrations.judgement(options.threshold, batch.models);
    const verified = verification(batch.models, batch.outcomes, options, rule);
    this.tell(pair, options, verified, performance.now() - startedAtMs);
    return verified;
  }

  /**
   * Verifies many pairs; a bad image fails its own pair only.
   * @throws Failure INVALID_ARGUMENT for the threshold, or of the engine (nothing was done)
   */
  async executeBatch(
    pairs: readonly VerificationPair[],
    options: VerificationOptions,
    control: CallControl,
  ): Promise<readonly VerificationResult[]> {
    requireUsable(options.threshold);
    requireUsableQuality(options.quality);
    const startedAtMs = performance.now();
    const batch = await this.analysis.analyse(requestsOf(pairs, options), control);
    const rule = await this.calibrations.judgement(options.threshold, batch.models);
    // Pairs of a batch are answered together, each after its share of the time.
    const elapsedMs = (performance.now() - startedAtMs) / pairs.length;
    return pairs.map((pair, index) => {
      const outcomes = batch.outcomes.slice(2 * index, 2 * index + 2);
      return this.result(pair, options, elapsedMs, () => verification(batch.models, outcomes, options, rule));
    });
  }

  /**
   * Compares one image with many, and looks at it once; a bad image fails its own comparison only.
   * @returns one result an image, in order; `faceA` is the probe's
   * @throws Failure of the probe (field `probe`), INVALID_ARGUMENT for the threshold, or of the engine (nothing was done)
   */
  async executeMany(
    probe: VerificationImage,
    images: readonly ImageOfField[],
    options: VerificationOptions,
    control: CallControl,
  ): Promise<readonly VerificationResult[]> {
    requireUsable(options.threshold);
    requireUsableQuality(options.quality);
    const startedAtMs = performance.now();
    const requests = [probe, ...images.map(({ image }) => image)].map((image) => requestOf(image, options));
    const { models, outcomes } = await this.analysis.analyse(requests, control);
    const rule = await this.calibrations.judgement(options.threshold, models);
    const [probeOutcome, ...others] = outcomes;
    embeddedFace(probeOutcome, 'probe', options.quality);
    const elapsedMs = (performance.now() - startedAtMs) / images.length;
    return images.map(({ image: imageB, field }, index) =>
      this.result({ imageA: probe, imageB }, options, elapsedMs, () =>
        verification(models, [probeOutcome, others[index]], options, rule, ['probe', field]),
      ),
    );
  }

  private result(
    pair: VerificationPair,
    options: VerificationOptions,
    elapsedMs: number,
    verify: () => Verification,
  ): VerificationResult {
    try {
      const verified = verify();
      this.tell(pair, options, verified, elapsedMs);
      return { ok: true, verification: verified };
    } catch (error) {
      return { ok: false, error };
    }
  }

  private tell(
    pair: VerificationPair,
    options: VerificationOptions,
    { matched, similarity, models }: Verification,
    elapsedMs: number,
  ): void {
    const modelVersion = models.backboneId;
    this.observer?.pairVerified(pair, options, { matched, elapsedMs, similarity, modelVersion });
  }
}

function requestsOf(pairs: readonly VerificationPair[], options: VerificationOptions): AnalysisRequest[] {
  return pairs.flatMap((pair) => [pair.imageA, pair.imageB]).map((image) => requestOf(image, options));
}

function requestOf(image: VerificationImage, { selection }: VerificationOptions): AnalysisRequest {
  return { ...image, selection, wantEmbeddings: true, wantCrops: false };
}

function verification(
  models: ServedModels,
  [outcomeA, outcomeB]: readonly (AnalysisResult | undefined)[],
  { quality }: VerificationOptions,
  rule: ThresholdRule,
  [fieldA, fieldB]: readonly [string, string] = ['image_a', 'image_b'],
): Verification {
  const a = embeddedFace(outcomeA, fieldA, quality);
  const b = embeddedFace(outcomeB, fieldB, quality);
  const [lookA, lookB] = [a.face.quality.appearance, b.face.quality.appearance];
  const similarity = cosineSimilarity(a.embedding, b.embedding);
  const judgement = judgePair(rule, { similarity, expected: expectedOf(lookA, lookB) });
  if (judgement === undefined) {
    throw beyondCalibration(
      { appearance: lookA, field: fieldA, name: fieldA },
      { appearance: lookB, field: fieldB, name: fieldB },
    );
  }
  return {
    ...judgement,
    faceA: a.face,
    faceB: b.face,
    models,
    findings: [...a.findings, ...b.findings],
  };
}
