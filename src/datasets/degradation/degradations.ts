/**
 * Photographs made worse, as cameras, light and people make them: low resolution, bad cameras, blur, darkness, noise, JPEG, masks,
 * sunglasses, covers, and some of these together. The same generator of random numbers gives the same pixels.
 */
import { withCover, withMask, withSunglasses } from './drawn-occlusions.js';
import { atResolution, exposed, flatGrey, moved } from './effects.js';
import { pipelineOf, pixelsOf, recompressed } from './pixels.js';
import { between, logBetween } from './random-numbers.js';
import type { Degraded, Scene } from './scene.js';

/** A blur of this many standard deviations hides as much as pixels of that size do. */
const deviationsPerPixel = 2.5;
/** libvips blurs by no less. */
const leastBlur = 0.3;

/** A face of a photograph whose square crop, 1.8 times the face, has 44 pixels. */
const cameraFacePixels = 24.4;

/** The kinds of bad photographs that quality is measured with, by name (docs/benchmarks/quality.md). */
export const degradations = {
  sharp: ({ image, facePixels }) => Promise.resolve({ image, detailPixels: facePixels }),
  low: (scene) => {
    const { uniform } = scene;
    const pixels = logBetween(uniform, 9, 48);
    const noise = uniform() < 0.5 ? 8 * uniform() : 0;
    const quality = uniform() < 0.5 ? between(uniform, 35, 90) : undefined;
    return atResolution(scene, pixels, { noise, quality, kernel: uniform() < 0.7 ? 'cubic' : 'nearest' });
  },
  low22: (scene) => atResolution(scene, 22),
  low13: (scene) => atResolution(scene, 13),
  camera: (scene) => atResolution(scene, cameraFacePixels, { noise: 7, quality: 40 }),
  blur: async ({ image, facePixels, uniform }) => {
    const deviation = logBetween(uniform, 0.008, 0.07);
    return {
      image: await pixelsOf(pipelineOf(image).blur(Math.max(leastBlur, facePixels * deviation))),
      parameters: { deviation },
      detailPixels: 1 / (deviationsPerPixel * deviation),
    };
  },
  motion: async ({ image, facePixels, uniform }) => {
    const length = between(uniform, 0.06, 0.3);
    return { image: await moved(image, facePixels * length, uniform), parameters: { length } };
  },
  dark: ({ image, uniform }) => {
    const gain = logBetween(uniform, 0.03, 0.4);
    const dark = exposed(image, gain, between(uniform, 0, 6), uniform);
    return Promise.resolve({ image: dark, parameters: { gain } });
  },
  bright: ({ image, uniform }) => {
    const gain = between(uniform, 1.5, 3.5);
    return Promise.resolve({ image: exposed(image, gain, 0, uniform), parameters: { gain } });
  },
  noise: ({ image, uniform }) => {
    const deviation = between(uniform, 10, 60);
    return Promise.resolve({ image: exposed(image, 1, deviation, uniform), parameters: { deviation } });
  },
  grey: ({ image, uniform }) => {
    const contrast = between(uniform, 0.12, 0.6);
    const flat = flatGrey(image, { contrast, offset: between(uniform, -30, 60) }, uniform);
    return Promise.resolve({ image: exposed(flat, 1, 4 * uniform(), uniform), parameters: { contrast } });
  },
  jpeg: async ({ image, uniform }) => {
    const quality = between(uniform, 4, 25);
    return { image: await recompressed(image, quality), parameters: { quality } };
  },
  mask: ({ image, landmarks, uniform }) => withMask(image, landmarks, uniform),
  glasses: ({ image, landmarks, uniform }) => withSunglasses(image, landmarks, uniform),
  cover: ({ image, landmarks, uniform }) => withCover(image, landmarks, uniform),
  masklow: async (scene) => {
    const { image, hidden } = await withMask(scene.image, scene.landmarks, scene.uniform);
    return { ...(await atResolution({ ...scene, image }, logBetween(scene.uniform, 14, 48))), hidden };
  },
  glassesmask: async ({ image, landmarks, uniform }) => {
    const masked = await withMask(image, landmarks, uniform);
    const both = await withSunglasses(masked.image, landmarks, uniform);
    return { image: both.image, hidden: { ...masked.hidden, eyes: 1 } };
  },
  darkmotion: async ({ image, facePixels, uniform }) => {
    const length = between(uniform, 0.04, 0.2);
    const gain = logBetween(uniform, 0.1, 0.5);
    const blurred = await moved(image, facePixels * length, uniform);
    return { image: exposed(blurred, gain, 4 * uniform(), uniform), parameters: { length, gain } };
  },
} satisfies Readonly<Record<string, (scene: Scene) => Promise<Degraded>>>;
