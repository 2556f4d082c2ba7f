/** A square on the network's input that a row of RetinaFace's outputs speaks of, in pixels. */
export interface FaceAnchor {
  readonly centreX: number;
  readonly centreY: number;
  readonly side: number;
}

/** Strides of the feature maps and the sides of each place's anchors, both in input pixels (Pytorch_Retinaface, mobilenet0.25). */
export const RETINAFACE_LEVELS = [
  { stridePixels: 8, anchorSides: [16, 32] },
  { stridePixels: 16, anchorSides: [64, 128] },
  { stridePixels: 32, anchorSides: [256, 512] },
] as const;

/** Offsets of centres and points are in tenths of the anchor's side, log sizes in fifths. */
export const CENTRE_VARIANCE = 0.1;
export const SIZE_VARIANCE = 0.2;

/**
 * All anchors in the order of the outputs' rows: map by map, then rows from the top, columns from the left, and the anchors
 * of a place.
 */
export function retinaFaceAnchors(width: number, height: number): readonly FaceAnchor[] {
  const anchors: FaceAnchor[] = [];
  for (const { stridePixels, anchorSides } of RETINAFACE_LEVELS) {
    const [columns, lines] = [Math.ceil(width / stridePixels), Math.ceil(height / stridePixels)];
    for (let place = 0; place < columns * lines; place++) {
      const centreX = ((place % columns) + 0.5) * stridePixels;
      const centreY = (Math.floor(place / columns) + 0.5) * stridePixels;
      for (const side of anchorSides) anchors.push({ centreX, centreY, side });
    }
  }
  return anchors;
}
