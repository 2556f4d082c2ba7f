import type { DetectedFace } from '../../core/faces/face.js';
import type { Photograph } from '../decode/photograph.js';
import type { CandidateLimit } from './candidate-limit.js';

/** Finds faces and their five landmarks. */
export interface FaceDetector {
  /**
   * Faces in pixels of the photograph, most probable first; empty where there is none.
   * @param limit of how many are looked at; all where absent
   * @throws Failure MULTIPLE_FACES where there are more than the limit
   */
  detect(photograph: Photograph, limit?: CandidateLimit): Promise<readonly DetectedFace[]>;
}
