/**
 * How photographs of a place differ from those that a backbone knows: what a site's camera, light and people do to all of its
 * pictures (docs/domain-shift.md). The kinds that quality is measured with are in degradations.ts.
 */
import type { BoundingBox, Landmarks } from '../../core/faces/landmarks.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { withMask } from './drawn-occlusions.js';
import { atResolution, type ChannelWeights, exposed, flatGrey, moved } from './effects.js';
import { between, logBetween } from './random-numbers.js';
import type { Picture } from './scene.js';
import type { PixelShiftName } from './shift-names.js';

/** The face that a photograph is about. */
export interface ShiftedFace {
  readonly box: BoundingBox;
  readonly landmarks: Landmarks;
}

/** From and to; each photograph draws its own number between. */
type Range = readonly [number, number];

/** A change of every photograph's pixels. `needsFace` tells whether the change depends on where the face is. */
type PixelShift = {
  /** The constants of `apply`, for who reads the set. */
  readonly parameters: Readonly<Record<string, number | Range | ChannelWeights>>;
} & (
  | { readonly needsFace: false; readonly apply: (picture: Picture) => Promise<RgbImage> }
  | { readonly needsFace: true; readonly apply: (picture: Picture, face: ShiftedFace) => Promise<RgbImage> }
);

/** The side of a square crop of 1.8 times the face, in pixels of the camera. */
const camera = { cropPixels: 44, cropPerFace: 1.8, noiseDeviation: 7, jpegQuality: 40 } as const;
/** Red is next to the near infrared; blue tells nothing of it. */
const nearInfrared = {
  channelWeights: [0.7, 0.25, 0.05],
  contrast: [0.2, 0.45],
  offset: [-20, 50],
  noiseDeviation: [2, 4],
} as const;
/** Of the shorter side of the face's box. */
const motionBlur = { length: [0.08, 0.24] } as const;
const lowLight = { gain: [0.1, 0.3], noiseDeviation: [2, 5] } as const;

/** The shifts that change pixels, by name. */
export const pixelShifts = {
  camera: {
    needsFace: true,
    parameters: camera,
    apply: async (picture, { box }) => {
      const facePixels = Math.max(box.width, box.height);
      const { cropPixels, cropPerFace, noiseDeviation: noise, jpegQuality: quality } = camera;
      const options = { noise, quality };
      return (await atResolution({ ...picture, facePixels }, cropPixels / cropPerFace, options)).image;
    },
  },
  'near-infrared': {
    needsFace: false,
    parameters: nearInfrared,
    apply: ({ image, uniform }) => {
      const { channelWeights: weights, contrast, offset, noiseDeviation } = nearInfrared;
      const tone = {
        contrast: logBetween(uniform, ...contrast),
        offset: between(uniform, ...offset),
        noise: between(uniform, ...noiseDeviation),
      };
      return Promise.resolve(flatGrey(image, { ...tone, weights }, uniform));
    },
  },
  masks: {
    needsFace: true,
    parameters: {},
    apply: async ({ image, uniform }, { landmarks }) => (await withMask(image, landmarks, uniform)).image,
  },
  'motion-blur': {
    needsFace: true,
    parameters: motionBlur,
    apply: ({ image, uniform }, { box }) =>
      moved(image, Math.min(box.width, box.height) * between(uniform, ...motionBlur.length), uniform),
  },
  'low-light': {
    needsFace: false,
    parameters: lowLight,
    apply: ({ image, uniform }) => {
      const gain = logBetween(uniform, ...lowLight.gain);
      return Promise.resolve(exposed(image, gain, between(uniform, ...lowLight.noiseDeviation), uniform));
    },
  },
} as const satisfies Readonly<Record<PixelShiftName, PixelShift>>;

/** The change of a shift; `profiles` changes no pixel. */
export function pixelShift(name: PixelShiftName): PixelShift {
  return pixelShifts[name];
}
