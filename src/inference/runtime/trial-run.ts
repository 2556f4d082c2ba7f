import type { RgbImage } from '../../core/images/rgb-image.js';

const TIMED_RUNS = 3;

/** A repeatable picture of smooth colours and noise, so that no two seeds look alike to a network. */
export function trialImage(width: number, height: number, seed: number): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  // Linear congruential generator of Numerical Recipes: only repeatability matters.
  let state = seed >>> 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++, i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const smooth = 127 + 60 * Math.sin((x * (channel + 1) + seed * y) / 17);
        pixels[i] = smooth + (state >>> 24) / 4;
      }
    }
  }
  return { width, height, pixels };
}

/** Median duration in ms of a few runs, after one that is not counted. */
export async function medianRunMs(run: () => Promise<unknown>): Promise<number> {
  await run();
  const durations: number[] = [];
  for (let i = 0; i < TIMED_RUNS; i++) {
    const startedAt = performance.now();
    await run();
    durations.push(performance.now() - startedAt);
  }
  return durations.sort((a, b) => a - b)[Math.floor(TIMED_RUNS / 2)] ?? 0;
}
