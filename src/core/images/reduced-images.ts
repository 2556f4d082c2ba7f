import { reduceRegion } from './box-reduction.js';
import type { RgbImage } from './rgb-image.js';

/**
 * An image averaged by whole factors, each made when it is first asked for and kept: many windows of one size are
 * then cut from one reduction. Blocks start at the image's first pixel, as in {@link reduceRegion}.
 */
export class ReducedImages {
  private readonly reductions = new Map<number, RgbImage>();

  constructor(private readonly image: RgbImage) {}

  /** @param factor positive integer; 1 is the image itself */
  by(factor: number): RgbImage {
    if (factor === 1) return this.image;
    const known = this.reductions.get(factor);
    if (known !== undefined) return known;
    const { width, height } = this.image;
    const reduced = reduceRegion(this.image, { x: 0, y: 0, width, height }, factor);
    this.reductions.set(factor, reduced);
    return reduced;
  }
}
