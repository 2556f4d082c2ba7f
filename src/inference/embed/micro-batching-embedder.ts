import type { FaceEmbedder } from './face-embedder.js';
import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { RgbImage } from '../../core/images/rgb-image.js';

interface Waiting {
  readonly crop: RgbImage;
  readonly resolve: (embedding: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Embeds the crops of concurrent requests together. No delay is added: a batch is whatever has gathered while
 * the one before it ran.
 */
export class MicroBatchingEmbedder implements FaceEmbedder {
  private readonly waiting: Waiting[] = [];
  private running = false;

  constructor(
    private readonly inner: FaceEmbedder,
    private readonly maximumBatchSize: number,
  ) {}

  get alignment(): AlignmentTemplate {
    return this.inner.alignment;
  }

  get dimension(): number {
    return this.inner.dimension;
  }

  async embed(crops: readonly RgbImage[]): Promise<readonly Float32Array[]> {
    const embeddings = crops.map(
      (crop) =>
        new Promise<Float32Array>((resolve, reject) => {
          this.waiting.push({ crop, resolve, reject });
        }),
    );
    if (!this.running) void this.run();
    return Promise.all(embeddings);
  }

  /** Embeds batch after batch. It never rejects: each waiting crop is told of its own batch's error. */
  private async run(): Promise<void> {
    this.running = true;
    // Lets the requests that are ready in this turn of the event loop join the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.maximumBatchSize);
      try {
        const embeddings = await this.inner.embed(batch.map((entry) => entry.crop));
        batch.forEach((entry, index) => {
          const embedding = embeddings[index];
          if (embedding === undefined) entry.reject(new Error('the embedder answered fewer rows than crops'));
          else entry.resolve(embedding);
        });
      } catch (error) {
        for (const entry of batch) entry.reject(error);
      }
    }
    this.running = false;
  }
}
