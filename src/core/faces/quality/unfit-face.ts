import { Failure, type FailureReason } from '../../failure.js';
import type { FaceOcclusion } from './face-quality-network.js';
import type { FaceQuality } from './face-quality.js';

/** The utility that faces must have where nobody states another one, 0 to 100 (docs/quality.md says how it was chosen). */
export const defaultMinimumUtility = 25;

/** The detail that they must have: strangers of fewer pixels resemble each other more than thresholds know. */
export const defaultMinimumDetailPixels = 18;

/** What a face must have. */
export interface FitnessLimits {
  /** 0 to 100 */
  readonly minimumUtility: number;
  readonly minimumDetailPixels: number;
}

/** From this probability on a part of a face counts as hidden. */
export const hiddenProbability = 0.5;

/** Where one of these is what is wrong with a face, as a rule. They explain a refusal; the utility decides. */
const causes = {
  tooSmallPixels: 32,
  tooFewDetailPixels: 28,
  tooDark: 45,
  tooBright: 210,
  profileDegrees: 45,
};

/** Why a face was refused, or would have been. */
export type UnfitnessReason = Extract<
  FailureReason,
  | 'FACE_OCCLUDED'
  | 'FACE_TOO_SMALL'
  | 'FACE_TOO_BLURRED'
  | 'FACE_TOO_DARK'
  | 'FACE_TOO_BRIGHT'
  | 'FACE_TOO_PROFILE'
  | 'FACE_UNFIT'
>;

/** The parts that are rather hidden than seen. */
function hiddenParts({ mouth, nose, eyes }: FaceOcclusion): readonly string[] {
  return Object.entries({ mouth, nose, eyes }).flatMap(([part, share]) =>
    share > hiddenProbability ? [part] : [],
  );
}

/**
 * Why a face is not fit to be compared: it has too little detail, or its utility is below the least, for the cause that stands out.
 * @returns undefined where it is fit
 */
export function unfitness(
  quality: FaceQuality,
  { minimumUtility, minimumDetailPixels }: FitnessLimits,
): Failure | undefined {
  if (quality.detailPixels < minimumDetailPixels) return tooLittleDetail(quality, minimumDetailPixels);
  if (quality.utility >= minimumUtility) return undefined;
  const { reason, what } = causeOf(quality);
  const metadata = {
    measure: 'utility',
    value: quality.utility.toPrecision(3),
    limit: String(minimumUtility),
  };
  return new Failure(reason, `${what} (utility ${metadata.value} of 100, limit ${metadata.limit})`, metadata);
}

function tooLittleDetail(quality: FaceQuality, limit: number): Failure {
  const { detailPixels, faceSizePixels } = quality;
  const reason = faceSizePixels < causes.tooSmallPixels ? 'FACE_TOO_SMALL' : 'FACE_TOO_BLURRED';
  const metadata = {
    measure: 'detail_pixels',
    value: detailPixels.toPrecision(3),
    limit: String(limit),
  };
  const what = reason === 'FACE_TOO_SMALL' ? tooSmall : blurred(detailPixels);
  return new Failure(reason, `${what} (detail_pixels ${metadata.value}, limit ${limit})`, metadata);
}

interface Cause {
  readonly reason: UnfitnessReason;
  /** What is wrong, and what to do about it. */
  readonly what: string;
}

function causeOf(quality: FaceQuality): Cause {
  const hidden = hiddenParts(quality.occlusion);
  if (hidden.length > 0) return occluded(hidden);
  if (quality.faceSizePixels < causes.tooSmallPixels) {
    return { reason: 'FACE_TOO_SMALL', what: tooSmall };
  }
  return (
    lightOf(quality) ??
    detailOf(quality) ??
    poseOf(quality) ?? {
      reason: 'FACE_UNFIT',
      what: 'The face cannot be recognised well. Use a sharp, evenly lit photograph that looks into the camera.',
    }
  );
}

export function occluded(parts: readonly string[]): Cause {
  const what = `Something hides the ${parts.join(' and the ')}. Use a photograph without mask, sunglasses or hands before the face.`;
  return { reason: 'FACE_OCCLUDED', what };
}

function lightOf({ brightness }: FaceQuality): Cause | undefined {
  if (brightness < causes.tooDark) {
    return { reason: 'FACE_TOO_DARK', what: 'The face is too dark. Use a photograph with more light on it.' };
  }
  if (brightness <= causes.tooBright) return undefined;
  return {
    reason: 'FACE_TOO_BRIGHT',
    what: 'The face is overexposed. Use a photograph with less light on it.',
  };
}

function detailOf({ detailPixels }: FaceQuality): Cause | undefined {
  if (detailPixels >= causes.tooFewDetailPixels) return undefined;
  return { reason: 'FACE_TOO_BLURRED', what: blurred(detailPixels) };
}

const tooSmall = 'The face is too small in the photograph. Use one that shows it larger.';

function blurred(detailPixels: number): string {
  return `The face is blurred: it shows no more than one of ${detailPixels.toFixed(0)} pixels would. Use a sharper or closer photograph.`;
}

function poseOf({ pose }: FaceQuality): Cause | undefined {
  if (Math.abs(pose.yawDegrees) < causes.profileDegrees) return undefined;
  const what = 'The head is turned too far. Use a photograph that looks into the camera.';
  return { reason: 'FACE_TOO_PROFILE', what };
}
