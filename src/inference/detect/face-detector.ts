import type { DetectedFace } from '../../core/faces/face.js';
import type { RgbImage } from '../../core/images/rgb-image.js';

/** Finds faces and their five landmarks. */
export interface FaceDetector {
  /** Faces in pixels of `image`, most probable first; empty where there is none. */
  detect(image: RgbImage): Promise<readonly DetectedFace[]>;
}
