import { sampleCrop } from '../../core/faces/aligned-crop.js';
import { type SimilarityTransform, transformScale } from '../../core/faces/similarity-transform.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { Photograph } from '../decode/photograph.js';
import type { InputSize } from './detector-outputs.js';

/**
 * What a network's input shows of a photograph in a look at much of it; black beyond its border.
 * @param inputToPhotograph from borders to borders
 */
export async function sampleLook(
  photograph: Photograph,
  inputToPhotograph: SimilarityTransform,
  input: InputSize,
): Promise<RgbImage> {
  const { image, factor } = await photograph.reducedPixels(transformScale(inputToPhotograph));
  return sampleCrop(image, betweenPixelCentres(inputToPhotograph, factor), input);
}

/**
 * What a network's input shows of a face; black beyond the photograph's border.
 * @param inputToPhotograph from borders to borders
 * @param enlargement of pixels that does no harm: the photograph need not be decoded any finer
 */
export async function sampleFace(
  photograph: Photograph,
  inputToPhotograph: SimilarityTransform,
  input: InputSize,
  enlargement: number,
): Promise<RgbImage> {
  const { image, factor } = await photograph.pixels(transformScale(inputToPhotograph) * enlargement);
  return sampleCrop(image, betweenPixelCentres(inputToPhotograph, factor), input);
}

/** The transform into an image reduced by a factor, where whole coordinates are pixel centres on both sides. */
function betweenPixelCentres(
  { a, b, translationX, translationY }: SimilarityTransform,
  factor: number,
): SimilarityTransform {
  return {
    a: a / factor,
    b: b / factor,
    translationX: (translationX + (a - b) / 2) / factor - 0.5,
    translationY: (translationY + (a + b) / 2) / factor - 0.5,
  };
}
