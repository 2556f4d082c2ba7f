import { Failure } from '../../domain/failure.js';
import type { BackboneManifest } from '../../domain/model/manifest.js';
import { noiseCrops, type SelfCheck, selfCheckCrops, selfCheckOf } from '../../domain/model/self-check.js';
import { cosineSimilarity, l2Normalise } from '../../domain/verification/similarity.js';
import { OnnxFaceEmbedder } from '../onnx/onnx-face-embedder.js';
import { OnnxSession } from '../onnx/onnx-session.js';

const seed = 1;
/** Of embeddings of noise in 8 and in 32 bits. dlib's ResNet has 0.999, MobileFaceNet 0.97. */
const LEAST_COSINE = 0.9;

/**
 * What a quantised graph answers to noise, so that it is tried wherever it is loaded: processors without 8-bit dot products
 * have instructions whose sums saturate.
 * @throws Failure MODEL_INVALID where it answers something else than the graph in floats here already
 */
export async function eightBitSelfCheck(
  original: Uint8Array,
  quantised: Uint8Array,
  manifest: BackboneManifest,
): Promise<SelfCheck> {
  const [expected, found] = [await answers(original, manifest), await answers(quantised, manifest)];
  const cosines = expected.map((embedding, crop) =>
    cosineSimilarity(l2Normalise(embedding), l2Normalise(found[crop] ?? new Float32Array())),
  );
  const least = Math.min(...cosines);
  if (least >= LEAST_COSINE) return selfCheckOf(seed, found);
  const message = `in 8 bits the network computes something else: an embedding of noise has a cosine of ${least.toFixed(3)} to the one in 32 bits, where ${LEAST_COSINE} is the least. Measure activations on faces like those that it will see, or serve it in 32 bits`;
  throw new Failure('MODEL_INVALID', message);
}

async function answers(graph: Uint8Array, manifest: BackboneManifest): Promise<readonly Float32Array[]> {
  const session = await OnnxSession.load(graph, { intraOpThreads: 0 });
  try {
    const { width, height } = manifest.input;
    const embedder = new OnnxFaceEmbedder(session, manifest);
    return await embedder.embedUpright(noiseCrops(width, height, seed, selfCheckCrops));
  } finally {
    await session.release();
  }
}
