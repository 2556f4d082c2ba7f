import type { ModelValidation } from '../workers/model-validator.js';
import { Failure } from '../../core/failure.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { OnnxFaceEmbedder } from '../embed/onnx-face-embedder.js';
import type { OnnxSession } from '../runtime/onnx-session.js';
import { relativeDifference } from '../runtime/relative-difference.js';
import { medianRunMs, trialImage } from '../runtime/trial-run.js';

/** Relative to the embedding's largest number; sums in another order differ by less. */
const BATCH_TOLERANCE = 1e-4;

/**
 * Embeds two test images, together and each alone.
 * @throws Failure MODEL_INVALID where the embeddings are not finite, not of the manifest's dimension, the same for
 * different images, or dependent on what else is in the batch
 */
export async function inspectBackbone(
  session: OnnxSession,
  manifest: BackboneManifest,
): Promise<ModelValidation> {
  // Without the mirror image: a batch of one is then really one.
  const plain = { ...manifest, embedding: { ...manifest.embedding, testTimeAugmentation: 'none' as const } };
  const embedder = new OnnxFaceEmbedder(session, plain);
  await embedder.checkItself(manifest);
  const { width, height } = manifest.alignment;
  const first = trialImage(width, height, 1);
  const second = trialImage(width, height, 2);

  const [firstAlone] = await embedder.embed([first]);
  const [secondAlone] = await embedder.embed([second]);
  const [firstOfTwo, secondOfTwo] = await embedder.embed([first, second]);
  if (
    relativeDifference(firstAlone, firstOfTwo) > BATCH_TOLERANCE ||
    relativeDifference(secondAlone, secondOfTwo) > BATCH_TOLERANCE
  ) {
    throw new Failure(
      'MODEL_INVALID',
      'an embedding changes with the other images of its batch: export the network in evaluation mode',
    );
  }
  if (relativeDifference(firstAlone, secondAlone) === 0) {
    throw new Failure('MODEL_INVALID', 'two different images have the same embedding');
  }
  return { inferenceMs: await medianRunMs(() => embedder.embed([first])) };
}
