import type { Landmarks } from '../../core/faces/landmarks.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { Uniform } from './random-numbers.js';

/** A photograph to degrade, and what is drawn with. */
export interface Picture {
  readonly image: RgbImage;
  readonly uniform: Uniform;
}

/** The face in a photograph, as far as degradations go by it. */
export interface SceneFace {
  /** In the photograph's pixels. */
  readonly landmarks: Landmarks;
  /** The shorter side of the face's box. */
  readonly facePixels: number;
}

/** A photograph of a face to degrade. */
export interface Scene extends Picture, SceneFace {}

/** Which parts of a face were covered: 1 for those that were. */
export interface HiddenParts {
  readonly mouth: 0 | 1;
  readonly nose: 0 | 1;
  readonly eyes: 0 | 1;
}

/** A photograph made worse. */
export interface Degraded {
  /** Of the size that it had. */
  readonly image: RgbImage;
  /** What was drawn. */
  readonly parameters?: Readonly<Record<string, number | string>>;
  /** The width of a face that holds as much detail; absent where it cannot be said. */
  readonly detailPixels?: number;
  /** Absent where nothing was covered. */
  readonly hidden?: HiddenParts;
}
