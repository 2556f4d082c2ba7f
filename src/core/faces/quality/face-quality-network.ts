import type { RgbImage } from '../../images/rgb-image.js';
import type { WeightArray, Weights } from '../../models/weights.js';
import { cropDescriptionLength, describeCrop } from './crop-description.js';
import type { FaceAppearance } from './expected-impostor-similarity.js';

/** How likely parts of a face are hidden, by a mask, glasses, a hand; 0 to 1. */
export interface FaceOcclusion {
  readonly mouth: number;
  readonly nose: number;
  readonly eyes: number;
}

/** What an aligned crop alone tells of a face's fitness to be compared, whatever network compares it. */
export interface CropAssessment {
  /**
   * Of a hundred comparisons with a sharp photograph of the same person, those that are to be expected to succeed at a false match rate of
   * 1e-3; 0 to 100. A unified quality score in the sense of ISO/IEC 29794-5.
   */
  readonly utility: number;
  readonly occlusion: FaceOcclusion;
  /** The width of the face, in pixels, that would hold as much detail: 22 for a face of 22 pixels, however far it was enlarged. */
  readonly detailPixels: number;
  readonly appearance: FaceAppearance;
}

/** Outputs before the appearance: mouth, nose, eyes, detail, utility. */
const measures = 5;
/** `detailPixels` of an output of 0; an output more is twice as much. */
const referenceDetailPixels = 32;

/**
 * A network of one hidden layer that reads the description of a crop. scripts/train-face-quality.mjs trained it (docs/models/face-quality.md).
 */
export class FaceQualityNetwork {
  private readonly hidden: Layer;
  private readonly output: Layer;

  /**
   * @param weights `hidden.weights` [539, H], `hidden.bias` [H], `output.weights` [H, 5 + K], `output.bias` [5 + K]; the description's
   *   mean and spread are part of the first layer
   * @throws RangeError where they do not fit together
   */
  constructor(weights: Weights) {
    this.hidden = layerOf(weights, 'hidden', cropDescriptionLength);
    this.output = layerOf(weights, 'output', this.hidden.bias.length);
    if (this.output.bias.length <= measures) throw new RangeError('the network has too few outputs');
  }

  /** @param crop aligned to ArcFace's template, 112x112 @throws RangeError for another size */
  assess(crop: RgbImage): CropAssessment {
    const hidden = applied(this.hidden, describeCrop(crop)).map((value) => Math.max(value, 0));
    const [mouth = 0, nose = 0, eyes = 0, detail = 0, utility = 0, ...appearance] = applied(
      this.output,
      hidden,
    );
    return {
      utility: 100 * sigmoid(utility),
      occlusion: { mouth: sigmoid(mouth), nose: sigmoid(nose), eyes: sigmoid(eyes) },
      detailPixels: referenceDetailPixels * 2 ** detail,
      appearance,
    };
  }
}

interface Layer {
  /** [inputs, outputs] */
  readonly weights: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array;
}

function layerOf(weights: Weights, name: string, inputs: number): Layer {
  const [matrix, bias] = [required(weights, `${name}.weights`), required(weights, `${name}.bias`)];
  const outputs = bias.values.length;
  if (matrix.shape.length !== 2 || matrix.shape[0] !== inputs || matrix.shape[1] !== outputs) {
    throw new RangeError(
      `${name}.weights is [${matrix.shape.join(', ')}], [${inputs}, ${outputs}] is expected`,
    );
  }
  return { weights: matrix.values, bias: bias.values };
}

function required(weights: Weights, name: string): WeightArray {
  const array = weights.get(name);
  if (array === undefined) throw new RangeError(`the weights have no ${name}`);
  return array;
}

function applied({ weights, bias }: Layer, input: Float32Array): Float32Array {
  const output = Float32Array.from(bias);
  for (const [row, value] of input.entries()) {
    if (value === 0) continue;
    for (let column = 0, at = row * output.length; column < output.length; column++, at++) {
      output[column] = (output[column] ?? 0) + value * (weights[at] ?? 0);
    }
  }
  return output;
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
