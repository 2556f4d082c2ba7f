import type { FaceQuality } from '../../core/faces/quality/face-quality.js';
import {
  defaultMinimumDetailPixels,
  hiddenProbability,
  occluded,
  unfitness,
  type UnfitnessReason,
} from '../../core/faces/quality/unfit-face.js';
import { Failure } from '../../core/failure.js';
import type { MeasuredFace } from '../../core/faces/face-record.js';

/** What a face must have to be enrolled. A limit that is undefined is not applied. */
export interface QualityGate {
  /** Expected success of comparisons, `FaceQuality.utility`, 0 to 100. */
  readonly minimumUtility?: number;
  /** `FaceQuality.detailPixels` */
  readonly minimumDetailPixels?: number;
  /** How likely mouth, nose or eyes may be hidden, 0 to 1. */
  readonly maximumOcclusion?: number;
  /** Shorter side of the box, in pixels of the photograph. */
  readonly minimumFaceSizePixels?: number;
  /** Variance of the Laplacian, `FaceQuality.sharpness`. */
  readonly minimumSharpness?: number;
  /** 0 to 1. */
  readonly minimumDetectionProbability?: number;
  /** Frontness ρ, 0 to 1. */
  readonly minimumRho?: number;
  readonly maximumYawDegrees?: number;
  readonly maximumPitchDegrees?: number;
  /** Cosine similarity to another subject's face from which on the face is refused. */
  readonly maximumOtherSubjectSimilarity?: number;
}

/**
 * The gate of collections that state none. It keeps out what cannot be recognised later or resembles strangers: tiny, blurred, dark,
 * hidden, doubtful and turned away. ρ and the similarity to other subjects are the collection's own decision: they depend on the photographs
 * and on how many people there are.
 */
export const defaultQualityGate: QualityGate = {
  minimumUtility: 30,
  minimumDetailPixels: defaultMinimumDetailPixels,
  maximumOcclusion: hiddenProbability,
  minimumFaceSizePixels: 32,
  minimumDetectionProbability: 0.5,
  maximumYawDegrees: 60,
};

interface LimitRange {
  readonly minimum: number;
  readonly maximum: number;
}

const limitRanges: Readonly<Record<keyof QualityGate, LimitRange>> = {
  minimumUtility: { minimum: 0, maximum: 100 },
  minimumDetailPixels: { minimum: 0, maximum: 1_000 },
  maximumOcclusion: { minimum: 0, maximum: 1 },
  minimumFaceSizePixels: { minimum: 0, maximum: 10_000 },
  minimumSharpness: { minimum: 0, maximum: 1_000_000 },
  minimumDetectionProbability: { minimum: 0, maximum: 1 },
  minimumRho: { minimum: 0, maximum: 1 },
  maximumYawDegrees: { minimum: 0, maximum: 90 },
  maximumPitchDegrees: { minimum: 0, maximum: 90 },
  maximumOtherSubjectSimilarity: { minimum: -1, maximum: 1 },
};

/**
 * @param field proto path of the gate in the request
 * @throws Failure INVALID_ARGUMENT naming every limit outside its range
 */
export function requireUsableGate(gate: QualityGate, field: string): QualityGate {
  const violations = Object.entries(limitRanges).flatMap(([name, range]) => {
    const value = gate[name as keyof QualityGate];
    if (value === undefined || (value >= range.minimum && value <= range.maximum)) return [];
    const description = `must be from ${range.minimum} to ${range.maximum}, got ${value}`;
    return [{ field: `${field}.${snakeCase(name)}`, description }];
  });
  const [first] = violations;
  if (first === undefined) return gate;
  throw new Failure(
    'INVALID_ARGUMENT',
    `${first.field} ${first.description}.`,
    { field: first.field },
    violations,
  );
}

/** Why the gate refuses the face, the first reason first; undefined where it may be enrolled. */
export function refusalOf(face: JudgedFace, gate: QualityGate): Failure | undefined {
  const { quality } = face;
  const { minimumFaceSizePixels, minimumDetectionProbability, minimumSharpness, minimumRho } = gate;
  if (isBelow(quality.faceSizePixels, minimumFaceSizePixels)) {
    const message = 'The face is too small in the photograph. Use one that shows it larger.';
    return refusal('FACE_TOO_SMALL', message, 'pixels', quality.faceSizePixels, minimumFaceSizePixels);
  }
  if (isBelow(quality.detectionProbability, minimumDetectionProbability)) {
    const message = 'The detector is not sure enough that this is a face. Use a clearer photograph.';
    const { detectionProbability } = quality;
    return refusal(
      'FACE_DOUBTFUL',
      message,
      'probability',
      detectionProbability,
      minimumDetectionProbability,
    );
  }
  if (isBelow(quality.sharpness, minimumSharpness)) {
    const message = 'The face is blurred. Use a sharper photograph.';
    return refusal('FACE_TOO_BLURRED', message, 'sharpness', quality.sharpness, minimumSharpness);
  }
  if (isBelow(face.rho, minimumRho)) {
    const message = 'The face is not frontal enough (ρ). Use a photograph that looks into the camera.';
    return refusal('LOW_FRONTNESS', message, 'rho', face.rho, minimumRho);
  }
  const turned = poseRefusal(face, gate);
  if (turned !== undefined) return turned;
  return (
    occlusionRefusal(quality, gate.maximumOcclusion) ??
    unfitness(quality, {
      minimumUtility: gate.minimumUtility ?? 0,
      minimumDetailPixels: gate.minimumDetailPixels ?? 0,
    })
  );
}

/** What the gate judges. */
type JudgedFace = Pick<MeasuredFace, 'rho' | 'quality'>;

function poseRefusal({ quality }: JudgedFace, gate: QualityGate): Failure | undefined {
  const { yawDegrees, pitchDegrees } = quality.pose;
  const message = 'The head is turned too far. Use a photograph that looks into the camera.';
  for (const [name, angle, limit, reason] of [
    ['yaw_degrees', yawDegrees, gate.maximumYawDegrees, 'FACE_TOO_PROFILE'],
    ['pitch_degrees', pitchDegrees, gate.maximumPitchDegrees, 'FACE_LOOKS_UP_OR_DOWN'],
  ] as const) {
    if (limit !== undefined && Math.abs(angle) > limit) {
      return refusal(reason, message, name, angle, limit);
    }
  }
  return undefined;
}

function occlusionRefusal({ occlusion }: FaceQuality, limit: number | undefined): Failure | undefined {
  const { mouth, nose, eyes } = occlusion;
  const parts = Object.entries({ mouth, nose, eyes }).filter(([, probability]) => probability > (limit ?? 1));
  if (limit === undefined || parts.length === 0) return undefined;
  const { reason, what } = occluded(parts.map(([part]) => part));
  return refusal(reason, what, 'occlusion', Math.max(mouth, nose, eyes), limit);
}

function isBelow(value: number, limit: number | undefined): limit is number {
  return limit !== undefined && value < limit;
}

function refusal(
  reason: UnfitnessReason | 'FACE_DOUBTFUL' | 'LOW_FRONTNESS' | 'FACE_LOOKS_UP_OR_DOWN',
  message: string,
  measure: string,
  value: number,
  limit: number,
): Failure {
  const metadata = { measure, value: value.toPrecision(4), limit: String(limit) };
  return new Failure(reason, `${message} (${measure} ${metadata.value}, limit ${metadata.limit})`, metadata);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}
