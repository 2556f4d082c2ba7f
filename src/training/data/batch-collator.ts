import { createHash } from 'node:crypto';
import type { SharpImageDecoder } from '../../inference/decode/sharp-image-decoder.js';
import { datasetFailure } from '../../datasets/dataset-failure.js';
import { samplePart, type TrainingCrop, writeSample } from '../../learning/sampler/face-sample.js';
import { augmentCrop } from './augment-crop.js';
import type { BatchRequest, BatchThreadSetup, FaceInBatch, FaceToPrepare } from './batch-protocol.js';
import { CropCache } from './crop-cache.js';
import { FaceReader } from './face-reader.js';
import { imageLocationOf, trainingCrop } from './training-crop.js';

/** Images in hand at a time: while one is aligned, the next ones are read and decoded in libuv's threads. */
const facesAtATime = 4;

/** Makes the images of batches, in a thread. */
export class BatchCollator {
  private readonly cache: CropCache;
  private readonly reader: FaceReader;

  constructor(
    private readonly setup: BatchThreadSetup,
    private readonly decoder: SharpImageDecoder,
  ) {
    this.reader = new FaceReader(setup.encryptionKey);
    this.cache = new CropCache(setup.cache, setup.alignment);
  }

  /**
   * @returns [B, H, W, 3] normalised
   * @throws Failure DATASET_INVALID naming the first image found that cannot be used
   */
  async make({ sampleCount, faces, siteProfile }: BatchRequest): Promise<Float32Array> {
    const { height, width } = this.setup.alignment;
    const images = new Float32Array(sampleCount * height * width * 3);
    const queue = faces.values();
    const lane = async (): Promise<void> => {
      for (const face of queue) {
        const crop = await this.shown(face, siteProfile);
        for (const { position, part } of face.targets) {
          writeSample(samplePart(crop, part, face.isFlipped, this.setup.halves), images, position);
        }
      }
    };
    await Promise.all(Array.from({ length: facesAtATime }, lane));
    return images;
  }

  private async shown(face: FaceInBatch, siteProfile: BatchRequest['siteProfile']): Promise<TrainingCrop> {
    const crop = await this.crop(face);
    const { augmentation } = this.setup;
    if (augmentation === undefined || face.augmentationSeed === undefined) return crop;
    return augmentCrop(crop, augmentation, face.augmentationSeed, siteProfile);
  }

  private async crop(face: FaceToPrepare): Promise<TrainingCrop> {
    const known = this.cache.get(face.face);
    if (known !== undefined) return known;
    const encoded = await this.reader.read(face);
    requireTaggedBytes(encoded, face);
    const crop = await trainingCrop(encoded, face, this.decoder, this.setup.alignment);
    this.cache.put(face.face, crop);
    return crop;
  }
}

/** Landmarks of other bytes would align and split the face anywhere. */
function requireTaggedBytes(encoded: Uint8Array, face: FaceToPrepare): void {
  const { digestStart } = face;
  if (digestStart === undefined) return;
  if (createHash('sha256').update(encoded).digest('hex').startsWith(digestStart)) return;
  throw datasetFailure(
    imageLocationOf(face),
    'was changed since it was tagged: run symface dataset tag again',
  );
}
