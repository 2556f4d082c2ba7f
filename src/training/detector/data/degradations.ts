import sharp from 'sharp';
import { resizeImage } from '../../../core/images/resize.js';
import type { RgbImage } from '../../../core/images/rgb-image.js';
import type { DetectorSample, LabelledFace } from '../detector-sample.js';
import { boxSide } from './box-area.js';
import { type Canvas, imageOfCanvas } from './canvas.js';
import type { DetectorAugmentation } from './detector-data-configuration.js';
import { Draws } from './draws.js';
import { SMALLEST_FACE_PIXELS } from './placed-faces.js';
import { applyTone, drawLowLight, drawTone, saturate, toneTables } from './tone.js';

/** Standard normal numbers, drawn once: noise starts anywhere in them. */
const NORMAL_COUNT = 1 << 16;
const normals = drawNormals();

/** Faces of a camera that is far away, in pixels. */
const CAMERA_FACE_PIXELS = [10, 44] as const;

/**
 * What light, lens, sensor and compression do to an image, in that order. Labels stay where they are; faces that a camera
 * sees too small are ignored.
 */
export async function degrade(
  canvas: Canvas,
  faces: readonly LabelledFace[],
  settings: DetectorAugmentation,
  draws: Draws,
): Promise<DetectorSample> {
  changeLight(canvas, settings, draws);
  if (draws.chance(settings.blur)) blur(canvas, draws);
  const small = draws.chance(settings.lowResolution) ? cameraSide(canvas, faces, draws) : undefined;
  if (small !== undefined) {
    const image = await lowResolutionImage(imageOfCanvas(canvas), small, draws);
    return { image, faces: faces.map((face) => seenThrough(face, small / canvas.side)) };
  }
  if (draws.chance(settings.noise)) addNoise(canvas.pixels, draws.logBetween(1, 14), draws);
  const image = imageOfCanvas(canvas);
  return {
    image: draws.chance(settings.jpeg) ? await compressed(image, draws.integer(20, 95)) : image,
    faces,
  };
}

function changeLight(canvas: Canvas, settings: DetectorAugmentation, draws: Draws): void {
  const isDark = draws.chance(settings.lowLight);
  if (isDark) applyTone(canvas, toneTables(drawLowLight(draws)));
  else if (draws.chance(settings.photometric)) applyTone(canvas, toneTables(drawTone(draws)));
  if (draws.chance(settings.grey)) saturate(canvas, 0);
  else if (draws.chance(settings.photometric / 2)) saturate(canvas, draws.between(0.3, 1.6));
  if (draws.chance(settings.photometric / 6)) shade(canvas, draws);
  // A sensor in the dark is noisy.
  if (isDark) addNoise(canvas.pixels, draws.between(2, 10), draws);
}

/** Light from one side. */
function shade({ side, pixels }: Canvas, draws: Draws): void {
  const angle = draws.between(0, 2 * Math.PI);
  const depth = draws.between(0.3, 0.9) / side;
  const [dx, dy] = [Math.cos(angle) * depth, Math.sin(angle) * depth];
  let index = 0;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const factor = 1 + dx * (x - side / 2) + dy * (y - side / 2);
      for (let channel = 0; channel < 3; channel++, index++) pixels[index] = factor * (pixels[index] ?? 0);
    }
  }
}

function blur(canvas: Canvas, draws: Draws): void {
  if (draws.chance(0.35)) {
    const radians = draws.between(0, Math.PI);
    blurAlong(canvas, Math.cos(radians), Math.sin(radians), draws.integer(1, 4));
    return;
  }
  const kernel = gaussianKernel(draws.logBetween(0.4, 2.2));
  convolve(canvas, kernel, 3);
  convolve(canvas, kernel, canvas.side * 3);
}

/** Weights from the middle outwards, which sum to 1 over both sides. */
function gaussianKernel(sigma: number): Float32Array {
  const half = Float32Array.from({ length: Math.ceil(2.5 * sigma) + 1 }, (_, distance) =>
    Math.exp(-(distance * distance) / (2 * sigma * sigma)),
  );
  const sum = half.reduce((total, weight, distance) => total + (distance === 0 ? weight : 2 * weight), 0);
  return half.map((weight) => weight / sum);
}

/** Convolves along rows (`step` 3) or columns (`step` a row's length); the border repeats. */
function convolve({ side, pixels }: Canvas, half: Float32Array, step: number): void {
  const source = new Uint8ClampedArray(pixels);
  const across = step === 3 ? side * 3 : 3;
  const reach = half.length - 1;
  for (let line = 0; line < side; line++) {
    for (let channel = 0; channel < 3; channel++) {
      const start = line * across + channel;
      const end = start + (side - 1) * step;
      for (let place = 0, index = start; place < side; place++, index += step) {
        let sum = (half[0] ?? 0) * (source[index] ?? 0);
        for (let distance = 1; distance <= reach; distance++) {
          const before = Math.max(index - distance * step, start);
          const after = Math.min(index + distance * step, end);
          sum += (half[distance] ?? 0) * ((source[before] ?? 0) + (source[after] ?? 0));
        }
        pixels[index] = sum;
      }
    }
  }
}

/** The mean along a short line through each pixel: a camera or a head that moved. */
function blurAlong({ side, pixels }: Canvas, dx: number, dy: number, reach: number): void {
  const source = new Uint8ClampedArray(pixels);
  const offsets: (readonly [number, number])[] = [];
  for (let step = -reach; step <= reach; step++) offsets.push([Math.round(step * dx), Math.round(step * dy)]);
  const last = side - 1;
  for (let y = 0, index = 0; y < side; y++) {
    for (let x = 0; x < side; x++, index += 3) {
      let [red, green, blue] = [0, 0, 0];
      for (const [offsetX, offsetY] of offsets) {
        const row = Math.min(Math.max(y + offsetY, 0), last);
        const from = (row * side + Math.min(Math.max(x + offsetX, 0), last)) * 3;
        red += source[from] ?? 0;
        green += source[from + 1] ?? 0;
        blue += source[from + 2] ?? 0;
      }
      pixels[index] = red / offsets.length;
      pixels[index + 1] = green / offsets.length;
      pixels[index + 2] = blue / offsets.length;
    }
  }
}

/** @param sigma in bytes */
function addNoise(pixels: Uint8ClampedArray, sigma: number, draws: Draws): void {
  const isGrey = draws.chance(0.3);
  let place = draws.integer(0, NORMAL_COUNT - 1);
  // Odd, so that all of the numbers come before one comes again, and in another order each time.
  const step = 2 * draws.integer(0, NORMAL_COUNT / 2 - 1) + 1;
  for (let index = 0; index < pixels.length; index++) {
    if (!isGrey || index % 3 === 0) place = (place + step) & (NORMAL_COUNT - 1);
    pixels[index] = (pixels[index] ?? 0) + sigma * (normals[place] ?? 0);
  }
}

function drawNormals(): Float32Array {
  const draws = new Draws(20_191);
  return Float32Array.from({ length: NORMAL_COUNT }, () => draws.normal());
}

/** The side to which the camera sees the image; undefined where its faces are small as they are. */
function cameraSide(canvas: Canvas, faces: readonly LabelledFace[], draws: Draws): number | undefined {
  const largest = Math.max(...faces.map(({ box }) => boxSide(box)), 0);
  const wanted = draws.logBetween(...CAMERA_FACE_PIXELS);
  const scale = largest === 0 ? draws.between(0.1, 0.5) : wanted / largest;
  return scale >= 0.8 ? undefined : Math.max(16, Math.round(canvas.side * scale));
}

/** @param scale of what the camera sees, below 1 */
function seenThrough(face: LabelledFace, scale: number): LabelledFace {
  return boxSide(face.box) * scale < SMALLEST_FACE_PIXELS ? { box: face.box, ignored: true } : face;
}

/** Averaged to few pixels, with their noise and compression, then enlarged again. */
async function lowResolutionImage(image: RgbImage, side: number, draws: Draws): Promise<RgbImage> {
  const { width, height, pixels } = resizeImage(image, side, side);
  const noisy = new Uint8ClampedArray(pixels);
  if (draws.chance(0.85)) addNoise(noisy, draws.between(1, 10), draws);
  const small = { width, height, pixels: new Uint8Array(noisy.buffer) };
  const seen = draws.chance(0.8) ? await compressed(small, draws.integer(30, 75)) : small;
  return resizeImage(seen, image.width, image.height);
}

async function compressed({ width, height, pixels }: RgbImage, quality: number): Promise<RgbImage> {
  const encoded = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  const decoded = await sharp(encoded).raw().toBuffer();
  return { width, height, pixels: new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength) };
}
