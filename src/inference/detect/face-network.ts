import type { DetectedFace } from '../../core/faces/face.js';
import type { BatchImage } from '../runtime/pixel-tensor.js';
import type { InputSize } from './detector-outputs.js';

/** A network that marks faces in images of one size. */
export interface FaceNetwork {
  readonly input: InputSize;
  /**
   * The faces of each image, in pixels of the input and not freed of overlaps.
   * @param images of exactly the input's size
   */
  find(
    images: readonly BatchImage[],
    minimumProbability: number,
  ): Promise<readonly (readonly DetectedFace[])[]>;
}
