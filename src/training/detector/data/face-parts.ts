import type { BoundingBox, Point } from '../../../core/faces/landmarks.js';
import { boxSide, squareAround } from './box-area.js';
import type { Canvas } from './canvas.js';
import type { Draws } from './draws.js';
import type { DrawnFace, PhotographLibrary } from './photograph-library.js';
import { placementOf } from './placement.js';
import { drawTone, toneTables } from './tone.js';

/** Parts that detectors take for small faces; none shows more than a fifth of one. */
const parts = {
  leftEye: ({ face }: DrawnFace) => face.landmarks?.leftEye,
  rightEye: ({ face }: DrawnFace) => face.landmarks?.rightEye,
  nose: ({ face }: DrawnFace) => face.landmarks?.nose,
  mouth: ({ face: { landmarks } }: DrawnFace) =>
    landmarks && middleOf(landmarks.leftMouthCorner, landmarks.rightMouthCorner),
  leftEar: ({ face }: DrawnFace) => pointOfBox(face.box, 0, 0.5),
  rightEar: ({ face }: DrawnFace) => pointOfBox(face.box, 1, 0.5),
  cheek: ({ face }: DrawnFace) => pointOfBox(face.box, 0.25, 0.6),
  forehead: ({ face }: DrawnFace) => pointOfBox(face.box, 0.5, 0.08),
  chin: ({ face }: DrawnFace) => pointOfBox(face.box, 0.5, 1),
  neck: ({ face }: DrawnFace) => pointOfBox(face.box, 0.5, 1.25),
} satisfies Record<string, (drawn: DrawnFace) => Point | undefined>;

const weights: Readonly<Record<keyof typeof parts, number>> = {
  leftEye: 2,
  rightEye: 2,
  nose: 1.5,
  mouth: 2,
  leftEar: 1,
  rightEar: 1,
  cheek: 1,
  forehead: 1,
  chin: 0.7,
  neck: 0.7,
};

/** Paints a part of a face, as large as it is wanted: an eye or a mouth alone is no face. */
export function paintFacePart(
  canvas: Canvas,
  library: PhotographLibrary,
  draws: Draws,
  centre: Point,
  sidePixels: number,
): void {
  const drawn = library.drawFace(draws);
  const part = parts[draws.weighted(weights)](drawn);
  if (part === undefined) return;
  const region = squareAround(part, boxSide(drawn.face.box) * draws.between(0.22, 0.42));
  const drawing = {
    scale: sidePixels / region.width,
    rotationDegrees: draws.chance(0.7) ? 15 * draws.normal() : draws.between(-180, 180),
    mirrored: draws.chance(0.5),
  };
  library.paint(canvas, drawn.photograph, placementOf(drawing, drawn.photograph.width, part, centre), {
    region,
    beyond: 'nothing',
    shape: draws.chance(0.5) ? 'rectangle' : 'ellipse',
    featherPixels: draws.chance(0.4) ? 0 : draws.between(1, 0.25 * sidePixels),
    tone: draws.chance(0.5) ? toneTables(drawTone(draws)) : undefined,
  });
}

function pointOfBox({ x, y, width, height }: BoundingBox, across: number, down: number): Point {
  return { x: x + across * width, y: y + down * height };
}

function middleOf(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
