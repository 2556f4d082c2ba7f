import type { BackboneManifest } from '../../core/models/manifest.js';
import { openDataLoader } from '../data/open-data-loader.js';
import type { DataLoaderConfig } from '../data/data-loader-options.js';
import type { RangeBatch } from '../../inference/quantise/range-observer.js';
import type { RangeFaces } from '../../inference/quantise/quantise-backbone.js';

/** Faces whose activations are measured. */
export type CalibrationData = Pick<
  DataLoaderConfig,
  'location' | 'imageKind' | 'tagsPath' | 'identities' | 'threadEntryPoint'
> & {
  /** The greatest number of faces, which are drawn from all. */
  readonly faceCount: number;
};

/** The faces of tagged data, for `quantiseBackbone`. */
export function calibrationFaces(
  data: CalibrationData,
  manifest: Pick<BackboneManifest, 'alignment' | 'input'>,
): RangeFaces {
  return {
    faceCount: data.faceCount,
    batches: (batchSize) => rangeBatches(data, manifest, batchSize),
  };
}

/** All activations of a batch's faces are in memory at once. */
const BATCH_FACES = 8;
/** How training data has pixels: (x - 127.5) / 128. */
const [DATA_MEAN, DATA_SCALE] = [127.5, 128];
const CHANNELS = 3;

/**
 * Aligned faces, some of them mirrored, as a backbone takes them; drawn from all, always the same ones.
 * @param batchSize that the graph takes. The last batch of a data set may have fewer
 * @throws Failure as {@link openDataLoader}
 */
export async function* rangeBatches(
  { faceCount, ...faces }: CalibrationData,
  { alignment, input }: Pick<BackboneManifest, 'alignment' | 'input'>,
  batchSize = BATCH_FACES,
): AsyncGenerator<RangeBatch> {
  const data = await openDataLoader({
    ...faces,
    alignment,
    batchSize,
    splitFraction: 0,
    seed: 1,
  });
  try {
    let left = faceCount;
    for await (const { images, sampleMask } of data.batches(0)) {
      const count = Math.min(
        left,
        sampleMask.reduce((sum, isFace) => sum + isFace, 0),
      );
      const length = count * input.height * input.width * CHANNELS;
      yield asInput(images.subarray(0, length), count, input);
      left -= count;
      if (left <= 0) return;
    }
  } finally {
    await data.close();
  }
}

/** @param images [n, H, W, 3] RGB, (x - 127.5) / 128 */
function asInput(images: Float32Array, count: number, input: BackboneManifest['input']): RangeBatch {
  const { layout, channelOrder, mean, scale, height, width } = input;
  const planes = layout === 'NCHW';
  const pixels = height * width;
  const data = new Float32Array(images.length);
  for (let index = 0; index < images.length; index++) {
    const [pixel, source] = [Math.floor(index / CHANNELS), index % CHANNELS];
    const channel = channelOrder === 'RGB' ? source : CHANNELS - 1 - source;
    const value = (images[index] ?? 0) * DATA_SCALE + DATA_MEAN;
    const [image, position] = [Math.floor(pixel / pixels), pixel % pixels];
    const place = planes ? (image * CHANNELS + channel) * pixels + position : pixel * CHANNELS + channel;
    data[place] = (value - (mean[channel] ?? 0)) / (scale[channel] ?? 1);
  }
  const dimensions = planes ? [count, CHANNELS, height, width] : [count, height, width, CHANNELS];
  return { data, dimensions };
}
