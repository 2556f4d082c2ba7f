import { OnnxFaceEmbedder } from '../../src/inference/embed/onnx-face-embedder.js';
import { OnnxSession } from '../../src/inference/runtime/onnx-session.js';
import type { RgbImage } from '../../src/core/images/rgb-image.js';
import type { BackboneManifest } from '../../src/core/models/manifest.js';

/** Embeddings of crops as the service makes them: pixels prepared as the manifest says. */
export async function embeddingsOf(
  graph: Uint8Array,
  manifest: BackboneManifest,
  crops: readonly RgbImage[],
): Promise<readonly Float32Array[]> {
  const embedder = new OnnxFaceEmbedder(await OnnxSession.load(graph, { intraOpThreads: 1 }), manifest);
  try {
    return await embedder.embed(crops);
  } finally {
    await embedder.release();
  }
}

/** The largest difference of two lists of embeddings over the largest number; NaN where sizes differ. */
export function embeddingDifference(
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
): number {
  let [difference, largest] = [0, 0];
  for (const [row, embedding] of expected.entries()) {
    if (actual[row]?.length !== embedding.length) return Number.NaN;
    for (const [index, value] of embedding.entries()) {
      difference = Math.max(difference, Math.abs(value - actual[row][index]!));
      largest = Math.max(largest, Math.abs(value));
    }
  }
  return difference / largest;
}
