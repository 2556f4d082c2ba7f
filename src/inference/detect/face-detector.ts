import type { DetectedFace } from '../../core/faces/face.js';
import type { Photograph } from '../decode/photograph.js';

/** Finds faces and their five landmarks. */
export interface FaceDetector {
  /** Faces in pixels of the photograph, most probable first; empty where there is none. */
  detect(photograph: Photograph): Promise<readonly DetectedFace[]>;
}
