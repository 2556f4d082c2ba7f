import type { FaceEmbedder } from './face-embedder.js';
import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { NormStatistics } from '../../core/faces/quality/face-utility.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { MicroBatches } from '../runtime/micro-batches.js';

/** Embeds the crops of concurrent requests together. */
export class MicroBatchingEmbedder implements FaceEmbedder {
  private readonly batches: MicroBatches<RgbImage, Float32Array>;

  constructor(
    private readonly inner: FaceEmbedder,
    maximumBatchSize: number,
  ) {
    this.batches = new MicroBatches(async (crops) => inner.embed(crops), maximumBatchSize);
  }

  get alignment(): AlignmentTemplate {
    return this.inner.alignment;
  }

  get dimension(): number {
    return this.inner.dimension;
  }

  get typicalNorm(): NormStatistics | undefined {
    return this.inner.typicalNorm;
  }

  async embed(crops: readonly RgbImage[]): Promise<readonly Float32Array[]> {
    return Promise.all(crops.map(async (crop) => this.batches.add(crop)));
  }
}
