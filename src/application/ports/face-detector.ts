import type { DetectedFace } from '../../domain/face.js';
import type { RgbImage } from '../../domain/image/rgb-image.js';

/** Finds faces and their five landmarks. */
export interface FaceDetector {
  /** Faces in pixels of `image`, most probable first; empty where there is none. */
  detect(image: RgbImage): Promise<readonly DetectedFace[]>;
}
