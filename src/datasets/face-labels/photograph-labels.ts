import type { BoundingBox, Landmarks } from '../../core/faces/landmarks.js';

/** A face that detectors saw in a photograph, in pixels of the upright photograph. */
export interface FaceLabel {
  readonly box: BoundingBox;
  /** They are undefined where detectors place them too differently to be trusted. */
  readonly landmarks: Landmarks | undefined;
  /** 0 to 1. */
  readonly probability: number;
  /** Whether detectors agree that this is a face; where they do not, it may or may not be one. */
  readonly agreed: boolean;
}

/** The faces of one photograph. */
export interface PhotographLabels {
  /** The name of the set that the photograph belongs to. */
  readonly set: string;
  /** The path within the set's folder, with slashes. */
  readonly file: string;
  /** Of the upright photograph, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceLabel[];
}
