import { type Landmarks, landmarkPoints } from '../../src/core/faces/landmarks.js';
import { reduceRegion } from '../../src/core/images/box-reduction.js';
import type { RgbImage } from '../../src/core/images/rgb-image.js';
import type { TrainingPhotographs } from '../../src/training/detector/data/training-photographs.js';

/** Colours of the five landmarks' dots, in their order. */
const dotColours = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
  [255, 0, 255],
] as const;

export const markedLandmarks: Landmarks = {
  leftEye: { x: 64.5, y: 66 },
  rightEye: { x: 97, y: 64 },
  nose: { x: 82, y: 84.5 },
  leftMouthCorner: { x: 69, y: 101 },
  rightMouthCorner: { x: 95.5, y: 100 },
};
export const markedBox = { x: 48, y: 40, width: 64, height: 80 };
const SIDE = 160;
const DOT_RADIUS = 5;

/** A grey photograph of one face, whose landmarks are dots. */
export function markedPhotographs(): TrainingPhotographs {
  const image = markedImage();
  const half = reduceRegion(image, { x: 0, y: 0, width: SIDE, height: SIDE }, 2);
  const quarter = reduceRegion(half, { x: 0, y: 0, width: SIDE / 2, height: SIDE / 2 }, 2);
  const images = [image, half, quarter];
  const pixels = new SharedArrayBuffer(images.reduce((sum, level) => sum + level.pixels.length, 0));
  let offset = 0;
  const levels = images.map(({ width, height, pixels: bytes }) => {
    const level = { width, height, offset };
    new Uint8Array(pixels).set(bytes, offset);
    offset += bytes.length;
    return level;
  });
  const face = { box: markedBox, landmarks: markedLandmarks, probability: 1, agreed: true };
  return { pixels, photographs: [{ width: SIDE, height: SIDE, levels, faces: [face], weight: 1 }] };
}

function markedImage(): RgbImage {
  const pixels = new Uint8Array(SIDE * SIDE * 3).fill(60);
  const points = landmarkPoints(markedLandmarks);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      // The centre of a pixel is at half coordinates.
      const dot = points.findIndex((point) => Math.hypot(x + 0.5 - point.x, y + 0.5 - point.y) <= DOT_RADIUS);
      const colour = dotColours[dot];
      if (colour !== undefined) pixels.set(colour, (y * SIDE + x) * 3);
    }
  }
  return { width: SIDE, height: SIDE, pixels };
}

/** The centre of the pixels of a dot's colour within some pixels of a place; undefined where there are none. */
export function dotCentre(
  { width, height, pixels }: RgbImage,
  dot: number,
  near: { readonly x: number; readonly y: number },
  withinPixels: number,
): { readonly x: number; readonly y: number } | undefined {
  const colour = dotColours[dot] ?? [0, 0, 0];
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (Math.hypot(x + 0.5 - near.x, y + 0.5 - near.y) > withinPixels) continue;
      const values = [0, 1, 2].map((channel) => pixels[(y * width + x) * 3 + channel] ?? 0);
      const bright = Math.min(...values.filter((_, channel) => (colour[channel] ?? 0) > 0));
      const dark = Math.max(...values.filter((_, channel) => colour[channel] === 0));
      const weight = Math.max(0, bright - dark - 30);
      [sum, sumX, sumY] = [sum + weight, sumX + weight * (x + 0.5), sumY + weight * (y + 0.5)];
    }
  }
  return sum === 0 ? undefined : { x: sumX / sum, y: sumY / sum };
}
