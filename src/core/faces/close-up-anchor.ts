import type { FaceAnchor } from './retinaface-anchors.js';

/** The side of a close-up's face over that of the close-up. */
export const CLOSE_UP_FACE_SHARE = 0.5;

/** The one anchor of a close-up: where its face should be, in the middle and half as large as the close-up. */
export function closeUpAnchor(sidePixels: number): FaceAnchor {
  return { centreX: sidePixels / 2, centreY: sidePixels / 2, side: CLOSE_UP_FACE_SHARE * sidePixels };
}
