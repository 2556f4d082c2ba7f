import type { FaceAnchor } from '../../core/faces/retinaface-anchors.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { emptyAnchorTargets, writeAnchorTargets } from '../../learning/detectors/anchor-targets.js';
import type { DetectorBatch } from '../../learning/detectors/detector-engine.js';
import type { DetectorSampleSource } from './detector-sample.js';

/** Which samples of a source make up a batch. */
export interface DetectorBatchRequest {
  readonly seed: number;
  readonly firstIndex: number;
  readonly batchSize: number;
  readonly sidePixels: number;
  readonly anchors: readonly FaceAnchor[];
}

/** The pixels of a batch, and what its anchors should say. */
export async function detectorBatch(
  source: DetectorSampleSource,
  { seed, firstIndex, batchSize, sidePixels, anchors }: DetectorBatchRequest,
): Promise<DetectorBatch> {
  const targets = emptyAnchorTargets(batchSize, anchors.length);
  const imageSize = sidePixels * sidePixels * 3;
  const images = new Float32Array(batchSize * imageSize);
  for (let place = 0; place < batchSize; place++) {
    const { image, faces } = await source.sample(seed, firstIndex + place);
    writePixels(image, images, place * imageSize);
    writeAnchorTargets(anchors, faces, targets, place);
  }
  return { images, targets };
}

/** (x - 127.5) / 128, as detectors exported here take pixels. */
function writePixels({ pixels }: RgbImage, images: Float32Array, offset: number): void {
  for (let index = 0; index < pixels.length; index++)
    images[offset + index] = ((pixels[index] ?? 0) - 127.5) / 128;
}
