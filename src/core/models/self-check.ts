import { Failure } from '../failure.js';
import type { RgbImage } from '../images/rgb-image.js';
import { uniformGenerator } from '../random/seeded-random.js';
import { cosineSimilarity, l2Normalise } from '../verification/similarity.js';

/** What a backbone answers to crops that anybody can make: wherever it is loaded, it must compute the same. */
export interface SelfCheck {
  /** The seed of the crops' noise. */
  readonly seed: number;
  /** Unit embeddings, one a crop, as the network that was trained computes them; without a mirror image. */
  readonly embeddings: readonly (readonly number[])[];
}

/** Processors and runtimes round differently, by some 1e-6 of the cosine; what is wrong is so by much more. */
const leastCosine = 0.9999;
const decimals = 7;
export const selfCheckCrops = 2;

/** Crops of uniform noise: reproducible in any language, and nobody's face. */
export function noiseCrops(width: number, height: number, seed: number, count: number): readonly RgbImage[] {
  const uniform = uniformGenerator(seed);
  return Array.from({ length: count }, () => ({
    width,
    height,
    pixels: Uint8Array.from({ length: width * height * 3 }, () => Math.floor(256 * uniform())),
  }));
}

export function selfCheckOf(seed: number, embeddings: readonly Float32Array[]): SelfCheck {
  const rounded = (value: number): number => Number(value.toFixed(decimals));
  return { seed, embeddings: embeddings.map((embedding) => Array.from(l2Normalise(embedding), rounded)) };
}

/** @throws Failure MODEL_INVALID where the embeddings are others than those recorded */
export function requireSelfCheck({ embeddings }: SelfCheck, computed: readonly Float32Array[]): void {
  const cosines = embeddings.map((expected, crop) =>
    cosineSimilarity(Float32Array.from(expected), l2Normalise(computed[crop] ?? new Float32Array())),
  );
  const least = Math.min(...cosines);
  if (least >= leastCosine) return;
  const message =
    `the graph does not compute what was trained: of its self-check's embeddings one has a cosine of ${least.toFixed(5)} ` +
    `to the recorded one, where ${leastCosine} is the least`;
  throw new Failure('MODEL_INVALID', message);
}
