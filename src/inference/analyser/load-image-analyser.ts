import { ImageAnalyser } from './image-analyser.js';
import { Photograph } from '../decode/photograph.js';
import { SharpImageDecoder } from '../decode/sharp-image-decoder.js';
import { createFaceDetector } from '../detect/create-face-detector.js';
import { OnnxFaceEmbedder } from '../embed/onnx-face-embedder.js';
import { verifyBundle } from '../../storage/models/verify-bundle.js';
import { loadFaceQualityNetwork } from './load-face-quality-network.js';
import { MicroBatchingEmbedder } from '../embed/micro-batching-embedder.js';
import type { WorkerSetup } from '../workers/worker-protocol.js';

/** Grey pixels: what is in the image does not matter for warming up. */
const greyLevel = 127;

/**
 * Loads the models, checks their digests, and runs each once at full batch size, so that the first call finds
 * memory and threads ready.
 * @throws Failure MODEL_INVALID naming the file or graph that cannot serve
 */
export async function loadImageAnalyser(setup: WorkerSetup): Promise<ImageAnalyser> {
  const { models, intraOpThreads, provider = 'cpu', maximumBatchSize, imageLimits } = setup;
  const runtime = { intraOpThreads, provider };
  // On a processor two looks together take as long as one after the other.
  const joinedRuns = provider === 'cpu' ? 1 : maximumBatchSize;
  await Promise.all([verifyBundle(models.backbone), verifyBundle(models.detector)]);
  const detector = await createFaceDetector(models.detector, { ...runtime, joinedRuns });
  const embedder = await OnnxFaceEmbedder.load(models.backbone, runtime);
  const { width, height } = embedder.alignment;
  const crop = { width, height, pixels: new Uint8Array(width * height * 3).fill(greyLevel) };
  await detector.detect(Photograph.ofImage(crop));
  await embedder.embed(new Array<typeof crop>(maximumBatchSize).fill(crop));
  return new ImageAnalyser({
    decoder: new SharpImageDecoder(imageLimits),
    detector,
    quality: await loadFaceQualityNetwork(),
    embedder: new MicroBatchingEmbedder(embedder, maximumBatchSize),
  });
}
