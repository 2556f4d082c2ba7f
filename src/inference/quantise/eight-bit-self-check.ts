import { Failure } from '../../core/failure.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { noiseCrops, type SelfCheck, selfCheckCrops, selfCheckOf } from '../../core/models/self-check.js';
import { cosineSimilarity, l2Normalise } from '../../core/verification/similarity.js';
import { type FloatTensor, OnnxSession } from '../runtime/onnx-session.js';
import { PixelTensorEncoder } from '../runtime/pixel-tensor.js';

const seed = 1;
const LEAST_COSINE = 0.9;

/** Two graphs of one network. */
export interface GraphPair {
  readonly original: Uint8Array;
  readonly quantised: Uint8Array;
}

/**
 * How near the embeddings of a quantised graph are to those of the graph in floats: the least of their cosines. Processors
 * without 8-bit dot products have instructions whose sums saturate.
 * @param images as the graphs take them
 * @throws Failure MODEL_INVALID where they are far from each other
 */
export async function requireFidelity(
  { original, quantised }: GraphPair,
  images: FloatTensor,
): Promise<number> {
  const [expected, found] = [await rowsOf(original, images), await rowsOf(quantised, images)];
  const cosines = expected.map((embedding, row) =>
    cosineSimilarity(l2Normalise(embedding), l2Normalise(found[row] ?? new Float32Array())),
  );
  const least = Math.min(...cosines);
  if (least >= LEAST_COSINE) return least;
  const message = `in 8 bits the network computes something else: an embedding has a cosine of ${least.toFixed(3)} to the one in 32 bits, where ${LEAST_COSINE} is the least. Measure activations on more faces, or serve it in 32 bits`;
  throw new Failure('MODEL_INVALID', message);
}

/** What a graph answers to noise, so that it is tried wherever it is loaded: other processors must compute the same. */
export async function recordedSelfCheck(graph: Uint8Array, manifest: BackboneManifest): Promise<SelfCheck> {
  return selfCheckOf(seed, await rowsOf(graph, noiseImages(manifest)));
}

/** Noise as a backbone takes it. */
export function noiseImages({ input }: Pick<BackboneManifest, 'input'>): FloatTensor {
  const crops = noiseCrops(input.width, input.height, seed, selfCheckCrops);
  return new PixelTensorEncoder(input).encode(crops.map((image) => ({ image, mirrored: false })));
}

/** The embeddings of all images. */
async function rowsOf(graph: Uint8Array, images: FloatTensor): Promise<readonly Float32Array[]> {
  const session = await OnnxSession.load(graph, { intraOpThreads: 0 });
  try {
    const embeddings: Float32Array[] = [];
    // One by one: a graph may take no more.
    for (const image of imagesOf(images)) {
      const [output] = await session.run(image);
      embeddings.push(output?.data ?? new Float32Array());
    }
    return embeddings;
  } finally {
    await session.release();
  }
}

function imagesOf({ data, dimensions }: FloatTensor): readonly FloatTensor[] {
  const [count = 0, ...extents] = dimensions;
  const length = data.length / count;
  return Array.from({ length: count }, (_, image) => ({
    data: data.slice(image * length, (image + 1) * length),
    dimensions: [1, ...extents],
  }));
}
