import type { BoundingBox, Point } from '../../../core/faces/landmarks.js';
import type { LabelledFace } from '../detector-sample.js';
import { paintBackground } from './backgrounds.js';
import { boxArea, boxSide, clippedBox, grownBox, shareWithin } from './box-area.js';
import { type Canvas, fillCanvas } from './canvas.js';
import type { DetectorDataSettings } from './detector-data-configuration.js';
import type { Draws } from './draws.js';
import { paintFacePart } from './face-parts.js';
import { drawRotationDegrees } from './face-pose.js';
import type { DrawnFace, PhotographLibrary } from './photograph-library.js';
import { placedFaces } from './placed-faces.js';
import {
  type Placement,
  placedEllipseBox,
  placedRectangleBox,
  placementOf,
  rollDegrees,
} from './placement.js';
import { drawTone, type Tone, toneTables } from './tone.js';

/** What images are composed of. */
export interface CompositionParts {
  readonly canvas: Canvas;
  readonly library: PhotographLibrary;
  readonly draws: Draws;
  readonly closeUpSidePixels: number;
}

type SampleKind = keyof DetectorDataSettings['kinds'];

/** Paints an image of each kind. @returns its faces */
export const composeSample: Readonly<
  Record<SampleKind, (parts: CompositionParts) => readonly LabelledFace[]>
> = {
  mosaic: composeMosaic,
  portrait: composePortrait,
  closeUp: composeCloseUp,
  faceless: composeFaceless,
};

/** A small picture enlarged further shows nothing of what a face is. */
const GREATEST_ENLARGEMENT = 3.5;
/** The share of a face that what is painted after it may hide. */
const COVERED_BY_NEIGHBOURS = 0.12;
const ATTEMPTS = 10;

/** One to nine pieces of photographs on a background, the large ones first. */
function composeMosaic(parts: CompositionParts): readonly LabelledFace[] {
  const { canvas, library, draws } = parts;
  paintBackground(canvas, library, draws);
  const count = 1 + Math.floor(9 * draws.uniform() ** 1.6);
  const sizes = Array.from({ length: count }, () => drawMosaicFacePixels(canvas.side, draws));
  const faces: LabelledFace[] = [];
  const taken: BoundingBox[] = [];
  for (const size of sizes.sort((a, b) => b - a)) faces.push(...pasteFace(parts, size, taken));
  if (draws.chance(0.35)) scatterParts(parts, draws.integer(1, 3), taken);
  return faces;
}

function drawMosaicFacePixels(side: number, draws: Draws): number {
  switch (draws.weighted({ tiny: 0.08, small: 0.42, middle: 0.2, large: 0.3 })) {
    case 'tiny':
      return draws.logBetween(6, 12);
    case 'small':
      return draws.logBetween(12, 40);
    case 'middle':
      return draws.logBetween(40, 80);
    case 'large':
      return draws.logBetween(60, Math.max(61, Math.min(250, 0.9 * side)));
  }
}

/** Pastes a face with some of what surrounds it where it hides no other. @param taken boxes of faces; its own join them */
function pasteFace(
  { canvas, library, draws }: CompositionParts,
  facePixels: number,
  taken: BoundingBox[],
): readonly LabelledFace[] {
  const drawn = drawLargeEnough(library, draws, facePixels);
  const { photograph, face } = drawn;
  const region = drawSurroundings(drawn, draws);
  const drawing = {
    scale: facePixels / boxSide(face.box),
    rotationDegrees: drawRotationDegrees(draws),
    mirrored: draws.chance(0.5),
  };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const margin = facePixels > 0.5 * canvas.side ? 0.3 : 0.02;
    const to = {
      x: canvas.side * draws.between(margin, 1 - margin),
      y: canvas.side * draws.between(margin, 1 - margin),
    };
    const placement = placementOf(drawing, photograph.width, centreOf(face.box), to);
    const painted = placedRectangleBox(placement, region);
    if (taken.some((box) => shareWithin(box, painted) > COVERED_BY_NEIGHBOURS)) continue;
    library.paint(canvas, photograph, placement, {
      region,
      beyond: 'nothing',
      shape: draws.chance(0.75) ? 'rectangle' : 'ellipse',
      featherPixels: draws.chance(0.5) ? 0 : draws.between(0.5, 0.12 * facePixels + 1),
      tone: drawOptionalTone(draws),
    });
    taken.push(...placedBoxes(placement, drawn));
    return placedFaces({ placement, region, photograph }, canvas.side);
  }
  return [];
}

/** A face that need not be enlarged too far, if a few draws find one. */
function drawLargeEnough(library: PhotographLibrary, draws: Draws, facePixels: number): DrawnFace {
  let drawn = library.drawFace(draws);
  for (let attempt = 0; attempt < 4; attempt++) {
    if (boxSide(drawn.face.box) * GREATEST_ENLARGEMENT >= facePixels) break;
    drawn = library.drawFace(draws);
  }
  return drawn;
}

/** The whole photograph, or the face with some of what is around it. */
function drawSurroundings({ photograph, face }: DrawnFace, draws: Draws): BoundingBox {
  const whole = { x: 0, y: 0, width: photograph.width, height: photograph.height };
  if (draws.chance(0.3)) return whole;
  const { x, y, width, height } = face.box;
  const [left, right] = [draws.between(0.08, 0.7) * width, draws.between(0.08, 0.7) * width];
  const [above, below] = [draws.between(0.15, 0.7) * height, draws.between(0.08, 0.7) * height];
  const around = { x: x - left, y: y - above, width: width + left + right, height: height + above + below };
  return clippedBox(around, whole);
}

/** Boxes of all faces of the photograph as they lie on the canvas, whatever they are to the training. */
function placedBoxes(placement: Placement, { photograph }: DrawnFace): readonly BoundingBox[] {
  return photograph.faces.map(({ box }) => placedEllipseBox(placement, box));
}

/** One photograph; its face is from a sixth of the image to larger than it. */
function composePortrait({ canvas, library, draws }: CompositionParts): readonly LabelledFace[] {
  const facePixels = canvas.side * draws.logBetween(0.16, 1.5);
  const drawn = drawLargeEnough(library, draws, facePixels);
  const { photograph, face } = drawn;
  const rotation = draws.chance(0.5) ? 0 : drawRotationDegrees(draws);
  const drawing = {
    scale: facePixels / boxSide(face.box),
    rotationDegrees: rotation,
    mirrored: draws.chance(0.5),
  };
  // A face that fills the image is near its middle.
  const room = Math.max(0.08, 0.5 - (0.45 * facePixels) / canvas.side);
  const to = {
    x: canvas.side * (0.5 + draws.between(-room, room)),
    y: canvas.side * (0.5 + draws.between(-room, room)),
  };
  return paintWhole(
    { canvas, library, draws },
    drawn,
    placementOf(drawing, photograph.width, centreOf(face.box), to),
  );
}

/** A face upright, its box half as wide as a close-up, at the scale of close-ups. */
function composeCloseUp({
  canvas,
  library,
  draws,
  closeUpSidePixels,
}: CompositionParts): readonly LabelledFace[] {
  const view = Math.min(closeUpSidePixels, canvas.side);
  const facePixels = (view / 2) * draws.between(0.8, 1.2);
  const drawn = drawLargeEnough(library, draws, facePixels);
  const { photograph, face } = drawn;
  const roll = face.landmarks === undefined ? 0 : rollDegrees(face.landmarks);
  const mirrored = draws.chance(0.5);
  const drawing = {
    scale: facePixels / boxSide(face.box),
    rotationDegrees: (mirrored ? roll : -roll) + draws.between(-15, 15),
    mirrored,
  };
  // The view lies anywhere in the image, and the face about its middle.
  const place = (): number =>
    draws.between(0, canvas.side - view) + view / 2 + facePixels * draws.between(-0.2, 0.2);
  const to = { x: place(), y: place() };
  return paintWhole(
    { canvas, library, draws },
    drawn,
    placementOf(drawing, photograph.width, centreOf(face.box), to),
  );
}

/** Paints all of a photograph; where the image reaches further, it is black, of one colour, or goes on in some way. */
function paintWhole(
  { canvas, library, draws }: Omit<CompositionParts, 'closeUpSidePixels'>,
  { photograph }: DrawnFace,
  placement: Placement,
): readonly LabelledFace[] {
  const beyond = draws.weighted({ black: 0.35, colour: 0.15, border: 0.2, background: 0.3 });
  if (beyond === 'black') fillCanvas(canvas, [0, 0, 0]);
  else if (beyond === 'colour') fillCanvas(canvas, draws.colour());
  else if (beyond === 'background') paintBackground(canvas, library, draws);
  const region = { x: 0, y: 0, width: photograph.width, height: photograph.height };
  library.paint(canvas, photograph, placement, {
    region,
    beyond: beyond === 'border' ? 'border' : 'nothing',
    shape: 'rectangle',
    featherPixels: 0,
    tone: drawOptionalTone(draws),
  });
  return placedFaces({ placement, region, photograph }, canvas.side);
}

/** What is no face and might be taken for one. */
function composeFaceless(parts: CompositionParts): readonly LabelledFace[] {
  const { canvas, library, draws } = parts;
  paintBackground(canvas, library, draws);
  const kind = draws.weighted({ nothing: 0.35, parts: 0.4, upsideDown: 0.25 });
  if (kind === 'parts') scatterParts(parts, draws.integer(1, 6), []);
  if (kind === 'upsideDown') return pasteUpsideDown(parts);
  return [];
}

/** @returns no faces, unless the photograph shows others the right way up */
function pasteUpsideDown({ canvas, library, draws }: CompositionParts): readonly LabelledFace[] {
  const facePixels = draws.logBetween(16, 1.1 * canvas.side);
  const drawn = drawLargeEnough(library, draws, facePixels);
  const { photograph, face } = drawn;
  const roll = face.landmarks === undefined ? 0 : rollDegrees(face.landmarks);
  const mirrored = draws.chance(0.5);
  const drawing = {
    scale: facePixels / boxSide(face.box),
    rotationDegrees: (mirrored ? roll : -roll) + 180 + draws.between(-40, 40),
    mirrored,
  };
  const to = { x: canvas.side * draws.between(0.3, 0.7), y: canvas.side * draws.between(0.3, 0.7) };
  const placement = placementOf(drawing, photograph.width, centreOf(face.box), to);
  const region = draws.chance(0.5)
    ? { x: 0, y: 0, width: photograph.width, height: photograph.height }
    : drawSurroundings(drawn, draws);
  library.paint(canvas, photograph, placement, {
    region,
    beyond: 'nothing',
    shape: 'rectangle',
    featherPixels: draws.chance(0.5) ? 0 : 6,
    tone: drawOptionalTone(draws),
  });
  return placedFaces({ placement, region, photograph }, canvas.side);
}

/** Parts of faces where no face is. */
function scatterParts(
  { canvas, library, draws }: CompositionParts,
  count: number,
  taken: readonly BoundingBox[],
): void {
  for (let index = 0; index < count; index++) {
    const sidePixels = draws.logBetween(14, 0.8 * canvas.side);
    const centre = { x: draws.between(0, canvas.side), y: draws.between(0, canvas.side) };
    const reach = {
      x: centre.x - sidePixels,
      y: centre.y - sidePixels,
      width: 2 * sidePixels,
      height: 2 * sidePixels,
    };
    const isFree = taken.every((box) => boxArea(clippedBox(grownBox(box, 0.1), reach)) <= 0);
    if (isFree) paintFacePart(canvas, library, draws, centre, sidePixels);
  }
}

function drawOptionalTone(draws: Draws): Tone | undefined {
  return draws.chance(0.35) ? toneTables(drawTone(draws)) : undefined;
}

function centreOf({ x, y, width, height }: BoundingBox): Point {
  return { x: x + width / 2, y: y + height / 2 };
}
