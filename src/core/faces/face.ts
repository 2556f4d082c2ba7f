import type { BoundingBox, Landmarks } from './landmarks.js';

/** A face as a detector reports it, in pixels of the upright photograph. */
export interface DetectedFace {
  readonly box: BoundingBox;
  readonly landmarks: Landmarks;
  /** 0 to 1. */
  readonly probability: number;
}
