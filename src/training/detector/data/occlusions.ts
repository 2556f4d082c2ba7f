import {
  type BoundingBox,
  type Landmarks,
  landmarkPoints,
  type Point,
} from '../../../core/faces/landmarks.js';
import type { LabelledFace } from '../detector-sample.js';
import { boxSide, shareWithin } from './box-area.js';
import { type Canvas, paintPixels } from './canvas.js';
import type { DetectorAugmentation } from './detector-data-configuration.js';
import type { Colour, Draws } from './draws.js';
import type { PhotographLibrary } from './photograph-library.js';
import { placementOf } from './placement.js';

/** Beyond it a face is hidden: neither asked for nor background. */
const HIDDEN_SHARE = 0.6;
/** Smaller faces show no glasses. */
const WORN_FROM_PIXELS = 20;

type OcclusionSettings = Pick<DetectorAugmentation, 'occlusion' | 'mask' | 'sunglasses'>;

/** Covers parts of some faces. @returns the faces; those that are hidden are ignored */
export function occludeFaces(
  canvas: Canvas,
  faces: readonly LabelledFace[],
  library: PhotographLibrary,
  settings: OcclusionSettings,
  draws: Draws,
): readonly LabelledFace[] {
  return faces.map((face) => {
    if (face.ignored) return face;
    wear(canvas, face, settings, draws);
    if (!draws.chance(settings.occlusion)) return face;
    const cover = drawCover(face.box, draws);
    paintCover(canvas, cover, library, draws);
    return withCover(face, cover);
  });
}

/** A face of which a rectangle hides a part: it stays one while enough of it is seen. */
export function withCover(face: LabelledFace, cover: BoundingBox): LabelledFace {
  if (shareWithin(face.box, cover) <= HIDDEN_SHARE) return face;
  return { box: face.box, ignored: true };
}

/** A rectangle over one side of the box, or within it. */
function drawCover({ x, y, width, height }: BoundingBox, draws: Draws): BoundingBox {
  const depth = draws.between(0.15, 0.75);
  const beyond = 0.3;
  const wide = { x: x - beyond * width, width: width * (1 + 2 * beyond) };
  const high = { y: y - beyond * height, height: height * (1 + 2 * beyond) };
  switch (draws.integer(0, 4)) {
    case 0:
      return { ...wide, y: y - beyond * height, height: height * (depth + beyond) };
    case 1:
      return { ...wide, y: y + height * (1 - depth), height: height * (depth + beyond) };
    case 2:
      return { ...high, x: x - beyond * width, width: width * (depth + beyond) };
    case 3:
      return { ...high, x: x + width * (1 - depth), width: width * (depth + beyond) };
    default: {
      const [across, down] = [draws.between(0.2, 0.7), draws.between(0.2, 0.7)];
      return {
        x: x + width * draws.between(-0.1, 1.1 - across),
        y: y + height * draws.between(-0.1, 1.1 - down),
        width: across * width,
        height: down * height,
      };
    }
  }
}

function paintCover(canvas: Canvas, cover: BoundingBox, library: PhotographLibrary, draws: Draws): void {
  const piece = draws.chance(0.5) ? library.drawFacelessRegion(draws) : undefined;
  if (piece === undefined) {
    const colour = draws.colour();
    const grain = draws.chance(0.5) ? 0 : draws.between(5, 60);
    paintPixels(canvas, cover, (_x, _y, target) => {
      const shade = grain * draws.uniform();
      target.set([colour[0] + shade, colour[1] + shade, colour[2] + shade]);
      return 1;
    });
    return;
  }
  const { photograph, region } = piece;
  const scale = Math.max(cover.width / region.width, cover.height / region.height);
  const from = { x: region.x, y: region.y };
  const placement = placementOf(
    { scale, rotationDegrees: 0, mirrored: false },
    photograph.width,
    from,
    cover,
  );
  library.paint(canvas, photograph, placement, {
    region: { ...region, width: cover.width / scale, height: cover.height / scale },
    beyond: 'nothing',
    shape: 'rectangle',
    featherPixels: 0,
    tone: undefined,
  });
}

function wear(
  canvas: Canvas,
  { box, landmarks }: LabelledFace,
  settings: OcclusionSettings,
  draws: Draws,
): void {
  if (landmarks === undefined || boxSide(box) < WORN_FROM_PIXELS) return;
  if (draws.chance(settings.mask)) paintMask(canvas, landmarks, draws);
  if (draws.chance(settings.sunglasses)) paintSunglasses(canvas, landmarks, draws);
}

/** Half an ellipse from the nose down past the chin, as wide as the cheeks. */
function paintMask(canvas: Canvas, landmarks: Landmarks, draws: Draws): void {
  const [leftEye, rightEye, nose, leftCorner, rightCorner] = landmarkPoints(landmarks);
  const eyes = middle(leftEye, rightEye);
  const mouth = middle(leftCorner, rightCorner);
  const down = { x: mouth.x - eyes.x, y: mouth.y - eyes.y };
  const length = Math.hypot(down.x, down.y);
  if (length < 2) return;
  const [unitX, unitY] = [down.x / length, down.y / length];
  const top = draws.between(-0.25, 0.1) * length;
  const [reachDown, halfWidth] = [length * draws.between(1.05, 1.35), length * draws.between(0.75, 1.05)];
  const centreX = (nose.x + mouth.x) / 2;
  const centreY = (nose.y + mouth.y) / 2;
  const colour = draws.pick<Colour>([[180, 210, 225], [240, 240, 240], [25, 25, 28], draws.colour()]);
  const folds = draws.between(0, 18);
  const reach = reachDown + halfWidth;
  paintPixels(
    canvas,
    { x: centreX - reach, y: centreY - reach, width: 2 * reach, height: 2 * reach },
    (x, y, target) => {
      const along = (x - nose.x) * unitX + (y - nose.y) * unitY;
      const across = (x - centreX) * unitY - (y - centreY) * unitX;
      if (along < top || (Math.max(along, 0) / reachDown) ** 2 + (across / halfWidth) ** 2 > 1) return 0;
      const shade = folds * Math.sin((8 * along) / length) - 0.15 * Math.abs(across / halfWidth) * 100;
      target.set([colour[0] + shade, colour[1] + shade, colour[2] + shade]);
      return 1;
    },
  );
}

/** Two dark ellipses over the eyes with a bar between them. */
function paintSunglasses(canvas: Canvas, { leftEye, rightEye }: Landmarks, draws: Draws): void {
  const distance = Math.hypot(rightEye.x - leftEye.x, rightEye.y - leftEye.y);
  if (distance < 4) return;
  const [unitX, unitY] = [(rightEye.x - leftEye.x) / distance, (rightEye.y - leftEye.y) / distance];
  const [radiusX, radiusY] = [distance * draws.between(0.36, 0.48), distance * draws.between(0.26, 0.4)];
  const colour: Colour = draws.chance(0.7) ? [15, 15, 18] : draws.colour();
  const opacity = draws.between(0.75, 1);
  const centre = middle(leftEye, rightEye);
  const reach = distance + radiusX;
  paintPixels(
    canvas,
    { x: centre.x - reach, y: centre.y - reach, width: 2 * reach, height: 2 * reach },
    (x, y, target) => {
      const along = Math.abs((x - centre.x) * unitX + (y - centre.y) * unitY);
      const across = (y - centre.y) * unitX - (x - centre.x) * unitY;
      const isLens = ((along - distance / 2) / radiusX) ** 2 + (across / radiusY) ** 2 <= 1;
      const isBar = along < distance && Math.abs(across + 0.3 * radiusY) < 0.12 * radiusY;
      if (!isLens && !isBar) return 0;
      target.set(colour);
      return opacity;
    },
  );
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
