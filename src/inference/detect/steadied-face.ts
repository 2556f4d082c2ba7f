import type { DetectedFace } from '../../core/faces/face.js';
import { meanLandmarks } from '../../core/faces/landmarks.js';
import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import { landmarksInCrop } from '../../core/faces/aligned-crop.js';
import { noseOffsetPixels } from '../../core/faces/frontness.js';
import type { Photograph } from '../decode/photograph.js';
import { closeUpToPhotograph, meanBox } from './close-up.js';
import { framesAround } from './close-up-frames.js';
import type { CloseUpViews } from './close-up-views.js';

/** Below it one close-up is not trusted with there being a face. */
export const sureProbability = 0.85;
/** D, in pixels of the 112x112 crop, from which on a face is turned away: about 40 degrees. */
const turnedAwayPixels = 11;
/** The landmarks' uncertainty, a share of the face's side, from which on eight close-ups are too few: a tenth of profiles have more. */
const waveringUncertainty = 0.035;

/** Whether one close-up is too little: there may be no face, or it is turned away, and landmarks of what is hidden waver. */
export function isUnsteady({ probability, landmarks }: DetectedFace): boolean {
  if (probability < sureProbability) return true;
  try {
    return noseOffsetPixels(landmarksInCrop(landmarks, arcFaceTemplate)) >= turnedAwayPixels;
  } catch (error) {
    // Points that coincide have no crop, and a face does not have them.
    if (error instanceof RangeError) return true;
    throw error;
  }
}

/** Whether a face's landmarks depend on where exactly its close-ups were taken, so that they are to be taken around where it was found. */
export function isWavering(face: DetectedFace): boolean {
  return (face.landmarkUncertainty ?? 0) >= waveringUncertainty && isUnsteady(face);
}

/**
 * The mean of what eight close-ups show, each framed a little differently: a texture that passes for a face in one passes in few
 * others, and landmarks waver less than in any of them.
 * @returns with the mean of their probabilities; undefined where fewer than half of them show a face
 */
export async function steadiedFace(
  views: CloseUpViews,
  photograph: Photograph,
  face: DetectedFace,
): Promise<DetectedFace | undefined> {
  const closeUps = framesAround(closeUpToPhotograph(face, views.input), views.input);
  const seen = (await views.of(photograph, closeUps)).flatMap((one) => (one === undefined ? [] : [one.face]));
  if (seen.length < closeUps.length / 2) return undefined;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    box: meanBox(seen.map(({ box }) => box)),
    landmarks: meanLandmarks(seen.map(({ landmarks }) => landmarks)),
    // Where none is seen, the probability counts as 0.
    probability: sum(seen.map(({ probability }) => probability)) / closeUps.length,
    landmarkUncertainty: sum(seen.map(({ landmarkUncertainty = 0 }) => landmarkUncertainty)) / seen.length,
  };
}
