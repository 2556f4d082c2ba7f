import { invalidField } from '../../core/invalid-field.js';
import {
  defaultMinimumDetailPixels,
  defaultMinimumUtility,
  unfitness,
} from '../../core/faces/quality/unfit-face.js';
import { Failure } from '../../core/failure.js';
import type { AnalysedFace, AnalysisResult } from '../../inference/analyser/face-analysis.js';
import { analysedImage } from './analysed-image.js';

/** What a face must be fit for to be compared. */
export interface QualityRequirement {
  /** The utility it must have, 0 to 100; undefined for the default. */
  readonly minimumUtility: number | undefined;
  /** The detail it must have; undefined for the default. */
  readonly minimumDetailPixels?: number | undefined;
  /** Whether faces below it are compared all the same, with a finding in the answer. */
  readonly allowLowQuality: boolean;
}

/** What is wrong with a face that was compared all the same. */
export interface QualityFinding {
  /** The proto path of its image. */
  readonly field: string;
  readonly failure: Failure;
}

/** A face to compare. */
export interface EmbeddedFace {
  readonly face: AnalysedFace;
  /** Unit length. */
  readonly embedding: Float32Array;
  /** Empty where the face is fit. */
  readonly findings: readonly QualityFinding[];
}

/**
 * The one selected face of an image with its embedding.
 * @param field proto path of the image
 * @throws Failure of the image, or FACE_OCCLUDED, FACE_TOO_BLURRED and so on for a face that is not fit and is not allowed all the same;
 *   naming the field
 */
export function embeddedFace(
  outcome: AnalysisResult | undefined,
  field: string,
  quality: QualityRequirement,
): EmbeddedFace {
  const [face] = analysedImage(outcome, field).faces;
  if (face?.embedding === undefined) {
    throw new Failure('FACE_NOT_FOUND', 'No face was found in the image.', { field });
  }
  const { refusal, findings } = judgedFace(face, field, quality);
  if (refusal !== undefined) throw refusal;
  return { face, embedding: face.embedding, findings };
}

/** Whether a face is fit to be compared: `refusal` where it is not, findings where it is compared all the same. */
export function judgedFace(
  { quality }: Pick<AnalysedFace, 'quality'>,
  field: string,
  {
    minimumUtility = defaultMinimumUtility,
    minimumDetailPixels = defaultMinimumDetailPixels,
    allowLowQuality,
  }: QualityRequirement,
): { readonly refusal: Failure | undefined; readonly findings: readonly QualityFinding[] } {
  const failure = unfitness(quality, { minimumUtility, minimumDetailPixels });
  if (failure === undefined) return { refusal: undefined, findings: [] };
  return allowLowQuality
    ? { refusal: undefined, findings: [{ field, failure }] }
    : { refusal: ofField(failure, field), findings: [] };
}

function ofField({ reason, message, metadata }: Failure, field: string): Failure {
  return new Failure(reason, message, { ...metadata, field }, [{ field, description: message }]);
}

/** @throws Failure INVALID_ARGUMENT (fields `quality.minimum_utility`, `quality.minimum_detail_pixels`) */
export function requireUsableQuality({ minimumUtility, minimumDetailPixels }: QualityRequirement): void {
  requireWithin('quality.minimum_utility', minimumUtility, 100);
  requireWithin('quality.minimum_detail_pixels', minimumDetailPixels, 1_000);
}

function requireWithin(field: string, value: number | undefined, maximum: number): void {
  if (value === undefined || (value >= 0 && value <= maximum)) return;
  throw invalidField(field, `must be from 0 to ${maximum}, got ${value}`);
}
