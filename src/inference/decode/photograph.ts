import sharp from 'sharp';
import type { RgbImage } from '../../core/images/rgb-image.js';

/** Pixels of a photograph, perhaps reduced. */
export interface PhotographPixels {
  readonly image: RgbImage;
  /** Pixels of the photograph along one of the image's, 1 or more; the borders of both coincide. */
  readonly factor: number;
}

/** How a photograph is decoded. */
export interface PhotographDecoding {
  readonly width: number;
  readonly height: number;
  /** The factors by which it can be reduced while it is decoded; 1 need not be named. */
  readonly factors: readonly number[];
  /** The factor by which it is reduced at least, since it would not fit into memory else; 1 where absent. */
  readonly leastFactor?: number;
  /** The upright image, reduced by one of the factors. */
  readonly decode: (factor: number) => Promise<RgbImage>;
}

/** An upright photograph, of which no more pixels are decoded than are asked for. */
export class Photograph {
  /** Of the whole photograph, in pixels. */
  readonly width: number;
  readonly height: number;
  /** What is there, or on its way, by the factor that it was made for. */
  private readonly known = new Map<number, Promise<PhotographPixels>>();
  private decodingMs = 0;

  constructor(private readonly decoding: PhotographDecoding) {
    this.width = decoding.width;
    this.height = decoding.height;
  }

  /** A photograph whose pixels are there. */
  static ofImage(image: RgbImage): Photograph {
    const { width, height } = image;
    return new Photograph({ width, height, factors: [], decode: () => Promise.resolve(image) });
  }

  /** How long its pixels took to decode so far, in milliseconds. */
  get decodedForMs(): number {
    return this.decodingMs;
  }

  /**
   * Pixels reduced by no more than `maximumFactor`, or by as little as its size allows: the fewest that are there, or that can be
   * decoded.
   * @throws Failure IMAGE_UNREADABLE where the photograph is truncated or corrupt
   */
  async pixels(maximumFactor: number): Promise<PhotographPixels> {
    const source = this.sourceFor(maximumFactor);
    return this.remembered(source, async () => this.withFactor(await this.decode(source)));
  }

  /**
   * As {@link pixels}, but reduced by more than half of `maximumFactor` where that is over 1: what is sampled from them with a
   * pixel every `maximumFactor` pixels of the photograph, all over it, neither lacks detail nor aliases.
   * @throws Failure IMAGE_UNREADABLE where the photograph is truncated or corrupt
   */
  async reducedPixels(maximumFactor: number): Promise<PhotographPixels> {
    const pixels = await this.pixels(maximumFactor);
    if (this.sourceFor(maximumFactor) > maximumFactor / 2) return pixels;
    return this.remembered(maximumFactor, async () => this.withFactor(await reduce(pixels, maximumFactor)));
  }

  private async decode(factor: number): Promise<RgbImage> {
    const startedAtMs = performance.now();
    try {
      return await this.decoding.decode(factor);
    } finally {
      this.decodingMs += performance.now() - startedAtMs;
    }
  }

  private sourceFor(maximumFactor: number): number {
    const { factors, leastFactor = 1 } = this.decoding;
    const fits = (factor: number): boolean =>
      factor >= leastFactor && factor <= Math.max(maximumFactor, leastFactor);
    const [coarsest] = [...this.known.keys()].filter(fits).sort(descending);
    // What is there is reduced at less cost than the photograph is decoded.
    return coarsest ?? factors.filter(fits).toSorted(descending)[0] ?? leastFactor;
  }

  private async remembered(factor: number, make: () => Promise<PhotographPixels>): Promise<PhotographPixels> {
    const pixels = this.known.get(factor) ?? make();
    this.known.set(factor, pixels);
    return pixels;
  }

  private withFactor(image: RgbImage): PhotographPixels {
    return { image, factor: Math.max(this.width, this.height) / Math.max(image.width, image.height) };
  }
}

/** Averaged by libvips, which takes a fifth of what a loop here does. */
async function reduce({ image, factor }: PhotographPixels, wanted: number): Promise<RgbImage> {
  const { width, height, pixels } = image;
  const longerSide = Math.max(Math.ceil((Math.max(width, height) * factor) / wanted), 1);
  const { data, info } = await sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .resize({ ...(width >= height ? { width: longerSide } : { height: longerSide }), kernel: 'linear' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    pixels: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function descending(a: number, b: number): number {
  return b - a;
}
