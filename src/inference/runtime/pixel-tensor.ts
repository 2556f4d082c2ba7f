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

/** Where the numbers of an image lie in its part of the tensor, in floats. */
interface PixelPlaces {
  /** Of the first pixel's red, green and blue. */
  readonly first: readonly [number, number, number];
  /** From one pixel to the next. */
  readonly step: number;
}

/** Writes 8-bit images as the numbers that a model's manifest asks for. */
export class PixelTensorEncoder {
  /** The number for each of the 256 byte values of red, green and blue. */
  private readonly tables: readonly [Float32Array, Float32Array, Float32Array];

  constructor(private readonly encoding: PixelNormalisation & TensorLayout) {
    const tableOf = (colour: number): Float32Array => {
      const channel = this.channelOf(colour);
      return normalisationTable(encoding.mean[channel] ?? 0, encoding.scale[channel] ?? 1);
    };
    this.tables = [tableOf(0), tableOf(1), tableOf(2)];
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
      const target = data.subarray(start, start + planeLength * CHANNELS);
      writeImage(image, mirrored, this.tables, target, this.placesOf(planeLength));
    });
    const dimensions =
      this.encoding.layout === 'NCHW'
        ? [images.length, CHANNELS, height, width]
        : [images.length, height, width, CHANNELS];
    return { data, dimensions };
  }

  private placesOf(planeLength: number): PixelPlaces {
    const isPlanar = this.encoding.layout === 'NCHW';
    const channelStep = isPlanar ? planeLength : 1;
    return {
      first: [
        this.channelOf(0) * channelStep,
        this.channelOf(1) * channelStep,
        this.channelOf(2) * channelStep,
      ],
      step: isPlanar ? 1 : CHANNELS,
    };
  }

  /** The tensor's channel of red (0), green (1) or blue (2). */
  private channelOf(colour: number): number {
    return this.encoding.channelOrder === 'RGB' ? colour : CHANNELS - 1 - colour;
  }
}

/** The hot loop: the pixels are read once, in order. */
function writeImage(
  { width, height, pixels }: RgbImage,
  mirrored: boolean,
  [red, green, blue]: readonly [Float32Array, Float32Array, Float32Array],
  target: Float32Array,
  { first: [firstRed, firstGreen, firstBlue], step }: PixelPlaces,
): void {
  let source = 0;
  for (let y = 0; y < height; y++) {
    const columnStep = mirrored ? -step : step;
    let place = (y * width + (mirrored ? width - 1 : 0)) * step;
    for (let x = 0; x < width; x++) {
      target[firstRed + place] = red[pixels[source] ?? 0] ?? 0;
      target[firstGreen + place] = green[pixels[source + 1] ?? 0] ?? 0;
      target[firstBlue + place] = blue[pixels[source + 2] ?? 0] ?? 0;
      source += CHANNELS;
      place += columnStep;
    }
  }
}

function normalisationTable(mean: number, scale: number): Float32Array {
  return Float32Array.from({ length: BYTE_VALUES }, (_, value) => (value - mean) / scale);
}
