import { standardNormal } from '../random/seeded-random.js';
import { lumaOf, meanLuma } from './luma.js';
import type { PictureMeasures } from './picture-measures.js';
import type { RgbImage } from './rgb-image.js';

/** Probabilities of each change, drawn for each face alone. */
export interface AugmentationOptions {
  /** All but a part of the crop becomes black. */
  readonly crop: number;
  /** The crop is made smaller and larger again. */
  readonly lowResolution: number;
  /** Brightness, contrast and saturation change. */
  readonly photometric: number;
  /** The crop is as a bad camera has it: small, with noise, and a JPEG. Default: 0 */
  readonly camera?: number;
  /** The crop looks as another face of the site does, as far as pictures can be made worse. Default: 0 */
  readonly site?: number;
}

/** An axis-aligned rectangle in pixels of the crop. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Resampling = 'nearest' | 'linear' | 'cubic' | 'lanczos3';
const resamplings: readonly Resampling[] = ['nearest', 'linear', 'cubic', 'lanczos3'];

export interface LowResolution {
  readonly width: number;
  readonly height: number;
  readonly smaller: Resampling;
  readonly larger: Resampling;
}

/** What a bad camera makes of a crop before it is as large again. */
export interface BadCamera {
  readonly size: LowResolution;
  /** The standard deviation of the noise, of 255. */
  readonly noiseDeviation: number;
  readonly noiseSeed: number;
  /** The quality of the JPEG, 1 to 100. */
  readonly jpegQuality: number;
}

/** What a face is made to look like. */
export interface SiteLook {
  /** Of another face */
  readonly target: PictureMeasures;
  readonly noiseSeed: number;
}

/** Factors: 1 changes nothing. */
export interface PhotometricJitter {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** The order in which they are applied */
  readonly order: readonly ('brightness' | 'contrast' | 'saturation')[];
}

/** What is done to one face; what is absent is not done. */
export interface DrawnAugmentation {
  readonly kept?: Rectangle;
  readonly lowResolution?: LowResolution;
  readonly photometric?: PhotometricJitter;
  readonly camera?: BadCamera;
  readonly site?: SiteLook;
}

/** Ranges of AdaFace (Kim et al., CVPR 2022, section 4.1; its `dataset/augmenter.py`). */
const KEPT_AREA = [0.2, 1] as const;
const KEPT_ASPECT = [3 / 4, 4 / 3] as const;
const SMALLER_SIDE = [0.2, 1] as const;
const JITTER = [0.5, 1.5] as const;
/** Of 112 pixels: faces of 22 to 67, of which less is lost than of ever smaller ones. */
const CAMERA_SIDE = [0.2, 0.6] as const;
const CAMERA_NOISE = [0, 10] as const;
const CAMERA_QUALITY = [25, 85] as const;

/**
 * @param uniform numbers on [0, 1): the same ones give the same augmentation
 * @param siteProfile what faces of the site look like; without any, none is made to look like them
 */
export function drawAugmentation(
  { crop, lowResolution, photometric, camera = 0, site = 0 }: AugmentationOptions,
  { width, height }: Pick<RgbImage, 'width' | 'height'>,
  uniform: () => number,
  siteProfile: readonly PictureMeasures[] = [],
): DrawnAugmentation {
  const between = ([low, high]: readonly [number, number]): number => low + (high - low) * uniform();
  const oneOf = <Choice>(choices: readonly Choice[]): Choice =>
    choices[Math.floor(uniform() * choices.length)] as Choice;
  const kept = uniform() < crop ? drawRectangle(width, height, between, uniform) : undefined;
  const drawSize = (sides: readonly [number, number]): LowResolution => {
    const smaller = between(sides);
    return {
      width: Math.max(1, Math.round(smaller * width)),
      height: Math.max(1, Math.round(smaller * height)),
      smaller: oneOf(resamplings),
      larger: oneOf(resamplings),
    };
  };
  const low = uniform() < lowResolution ? drawSize(SMALLER_SIDE) : undefined;
  const jitter = uniform() < photometric ? drawJitter(between, uniform) : undefined;
  // Last, and only where they are asked for: without them the others are drawn as they were before there were any.
  const bad = camera > 0 && uniform() < camera;
  const badCamera = bad ? drawCamera(drawSize, between, uniform) : undefined;
  const alike = site > 0 && siteProfile.length > 0 && uniform() < site;
  return {
    ...(kept === undefined ? {} : { kept }),
    ...(low === undefined ? {} : { lowResolution: low }),
    ...(jitter === undefined ? {} : { photometric: jitter }),
    ...(badCamera === undefined ? {} : { camera: badCamera }),
    ...(alike && { site: { target: oneOf(siteProfile), noiseSeed: drawSeed(uniform) } }),
  };
}

function drawCamera(
  drawSize: (sides: readonly [number, number]) => LowResolution,
  between: (range: readonly [number, number]) => number,
  uniform: () => number,
): BadCamera {
  return {
    size: drawSize(CAMERA_SIDE),
    noiseDeviation: between(CAMERA_NOISE),
    noiseSeed: drawSeed(uniform),
    jpegQuality: Math.round(between(CAMERA_QUALITY)),
  };
}

function drawSeed(uniform: () => number): number {
  return Math.floor(uniform() * 2 ** 32);
}

function drawRectangle(
  imageWidth: number,
  imageHeight: number,
  between: (range: readonly [number, number]) => number,
  uniform: () => number,
): Rectangle {
  const area = imageWidth * imageHeight * between(KEPT_AREA);
  const [low, high] = KEPT_ASPECT;
  const aspect = Math.exp(between([Math.log(low), Math.log(high)]));
  const width = Math.min(imageWidth, Math.max(1, Math.round(Math.sqrt(area * aspect))));
  const height = Math.min(imageHeight, Math.max(1, Math.round(Math.sqrt(area / aspect))));
  return {
    width,
    height,
    left: Math.floor(uniform() * (imageWidth - width + 1)),
    top: Math.floor(uniform() * (imageHeight - height + 1)),
  };
}

function drawJitter(
  between: (range: readonly [number, number]) => number,
  uniform: () => number,
): PhotometricJitter {
  const [brightness, contrast, saturation] = [between(JITTER), between(JITTER), between(JITTER)];
  const left: PhotometricJitter['order'][number][] = ['brightness', 'contrast', 'saturation'];
  const order = [3, 2, 1].flatMap((count) => left.splice(Math.floor(uniform() * count), 1));
  return { brightness, contrast, saturation, order };
}

/** Black outside of the rectangle; what is in it stays where it is, so that landmarks do. */
export function keepOnly({ width, height, pixels }: RgbImage, kept: Rectangle): RgbImage {
  const changed = new Uint8Array(pixels.length);
  for (let y = kept.top; y < kept.top + kept.height; y++) {
    const start = (y * width + kept.left) * 3;
    changed.set(pixels.subarray(start, start + kept.width * 3), start);
  }
  return { width, height, pixels: changed };
}

/**
 * Brightness times a factor; contrast: the distance from the image's mean luma times one; saturation: the distance from each
 * pixel's luma times one (torchvision's ColorJitter).
 */
export function jitter(image: RgbImage, photometric: PhotometricJitter): RgbImage {
  return photometric.order.reduce((changed, step) => STEPS[step](changed, photometric[step]), image);
}

/** Adds to each number of each pixel one that is normally distributed. */
export function withNoise(
  { width, height, pixels }: RgbImage,
  deviation: number,
  uniform: () => number,
): RgbImage {
  const changed = Uint8ClampedArray.from(pixels, (value) => value + deviation * standardNormal(uniform));
  return { width, height, pixels: new Uint8Array(changed.buffer) };
}

const STEPS: Readonly<
  Record<PhotometricJitter['order'][number], (image: RgbImage, factor: number) => RgbImage>
> = {
  brightness: (image, factor) => blended(image, factor, () => 0),
  contrast: (image, factor) => {
    const mean = meanLuma(lumaOf(image));
    return blended(image, factor, () => mean);
  },
  saturation: (image, factor) => {
    const luma = lumaOf(image);
    return blended(image, factor, (pixel) => luma[pixel] ?? 0);
  },
};

/** factor · x + (1 - factor) · base, rounded, 0 to 255 */
function blended(
  { width, height, pixels }: RgbImage,
  factor: number,
  baseOf: (pixel: number) => number,
): RgbImage {
  const changed = Uint8ClampedArray.from(
    pixels,
    (value, index) => factor * value + (1 - factor) * baseOf(Math.floor(index / 3)),
  );
  return { width, height, pixels: new Uint8Array(changed.buffer) };
}
