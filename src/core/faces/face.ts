import type { BoundingBox, Landmarks } from './landmarks.js';

/** A face as a detector reports it, in pixels of the upright photograph. */
export interface DetectedFace {
  readonly box: BoundingBox;
  readonly landmarks: Landmarks;
  /** 0 to 1. */
  readonly probability: number;
  /**
   * The distance between the landmarks found in the face and those found in its mirror image, mean of the five, over the
   * face's side, the square root of its box's area; 0 is certain. It is absent where the detector has not looked at the face twice.
   */
  readonly landmarkUncertainty?: number;
}
