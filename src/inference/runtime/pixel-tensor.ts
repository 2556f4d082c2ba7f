import type { RgbImage } from '../../core/images/rgb-image.js';
import type { PixelNormalisation, TensorLayout } from '../../core/models/manifest.js';
import type { FloatTensor } from './onnx-session.js';

/** An image of a batch, and whether its mirror image is meant. */
export interface BatchImage {
  readonly image: RgbImage;
  readonly mirrored: boolean;
}

const CHANNELS = 3;
const BYTE_VALUES = 256;

/** The distances in floats by which one image lies in the tensor. */
interface PixelStrides {
  readonly channel: number;
  readonly pixel: number;
}

/** Writes 8-bit images as the numbers that a model's manifest asks for. */
export class PixelTensorEncoder {
  /** The byte of a pixel that each tensor channel is, and its number for each of the 256 byte values. */
  private readonly channels: readonly { readonly sourceByte: number; readonly table: Float32Array }[];

  constructor(private readonly encoding: PixelNormalisation & TensorLayout) {
    this.channels = [0, 1, 2].map((channel) => ({
      sourceByte: encoding.channelOrder === 'RGB' ? channel : CHANNELS - 1 - channel,
      table: normalisationTable(encoding.mean[channel] ?? 0, encoding.scale[channel] ?? 1),
    }));
  }

  /**
   * @param images at least one, all of one size
   * @returns [n, 3, height, width] for NCHW, [n, height, width, 3] for NHWC
   * @throws RangeError where the sizes differ or there is no image
   */
  encode(images: readonly BatchImage[]): FloatTensor {
    const [first] = images;
    if (first === undefined) throw new RangeError('a batch needs at least one image');
    const { width, height } = first.image;
    const planeLength = width * height;
    const data = new Float32Array(images.length * planeLength * CHANNELS);
    images.forEach(({ image, mirrored }, index) => {
      if (image.width !== width || image.height !== height) {
        throw new RangeError(`image ${index} is ${image.width}x${image.height}, not ${width}x${height}`);
      }
      const start = index * planeLength * CHANNELS;
      this.encodeImage(image, mirrored, data.subarray(start, start + planeLength * CHANNELS));
    });
    const dimensions =
      this.encoding.layout === 'NCHW'
        ? [images.length, CHANNELS, height, width]
        : [images.length, height, width, CHANNELS];
    return { data, dimensions };
  }

  private encodeImage(image: RgbImage, mirrored: boolean, target: Float32Array): void {
    const strides: PixelStrides =
      this.encoding.layout === 'NCHW'
        ? { channel: image.width * image.height, pixel: 1 }
        : { channel: 1, pixel: CHANNELS };
    this.channels.forEach(({ sourceByte, table }, channel) => {
      const channelTarget = target.subarray(channel * strides.channel);
      writeChannel(image, mirrored, sourceByte, table, channelTarget, strides.pixel);
    });
  }
}

/** The hot loop: one channel of one image. */
function writeChannel(
  image: RgbImage,
  mirrored: boolean,
  sourceByte: number,
  table: Float32Array,
  target: Float32Array,
  targetStep: number,
): void {
  const { width, height, pixels } = image;
  const sourceStep = mirrored ? -CHANNELS : CHANNELS;
  let targetIndex = 0;
  for (let y = 0; y < height; y++) {
    const firstColumn = mirrored ? width - 1 : 0;
    let sourceIndex = (y * width + firstColumn) * CHANNELS + sourceByte;
    for (let x = 0; x < width; x++) {
      target[targetIndex] = table[pixels[sourceIndex] ?? 0] ?? 0;
      targetIndex += targetStep;
      sourceIndex += sourceStep;
    }
  }
}

function normalisationTable(mean: number, scale: number): Float32Array {
  return Float32Array.from({ length: BYTE_VALUES }, (_, value) => (value - mean) / scale);
}
