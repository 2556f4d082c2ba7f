import type { DetectedFace } from '../../../core/faces/face.js';
import { type BoundingBox, mapLandmarks } from '../../../core/faces/landmarks.js';
import { mirror } from '../../../core/images/mirror.js';
import { resizeImage } from '../../../core/images/resize.js';
import type { RgbImage } from '../../../core/images/rgb-image.js';

/** The side of a sheet; what the detectors take. */
const SHEET_PIXELS = 640;
/** A photograph whose sides are at most so long shares its sheet with others. */
const SMALL_PHOTOGRAPH_PIXELS = 400;
/** Share of a cell that stays free on each side: detectors miss faces that the photograph's border cuts. */
const SMALL_BORDER = 0.12;
const LARGE_BORDER = 0.03;
/** What detectors take for nothing: the mean of ImageNet's pixels, RGB. */
const BACKGROUND = [123, 117, 104] as const;

/** A photograph, or its mirror image, as it lies on a sheet. */
export interface SheetCell {
  /** Index of the photograph in what was given. */
  readonly photograph: number;
  readonly mirrored: boolean;
  /** The cell in pixels of the sheet. */
  readonly bounds: BoundingBox;
  /** The photograph within it. */
  readonly placed: BoundingBox;
  /** The photograph's own width and height in pixels. */
  readonly width: number;
  readonly height: number;
}

/** One image for a detector, on which photographs lie. */
export interface LabelSheet {
  readonly image: RgbImage;
  readonly cells: readonly SheetCell[];
}

/**
 * Lays photographs and their mirror images on as few sheets as they fit: a detector that takes 640x640 looks at two small
 * photographs and their mirror images at a time, enlarged, each with a border around it.
 */
export function sheetsOf(photographs: readonly RgbImage[]): readonly LabelSheet[] {
  const small: SheetCell[] = [];
  const sheets: SheetCell[][] = [];
  photographs.forEach((image, photograph) => {
    const isSmall = Math.max(image.width, image.height) <= SMALL_PHOTOGRAPH_PIXELS;
    for (const mirrored of [false, true]) {
      if (isSmall) small.push(cellOf(image, photograph, mirrored, small.length % 4));
      else sheets.push([cellOf(image, photograph, mirrored)]);
    }
  });
  for (let first = 0; first < small.length; first += 4) sheets.push(small.slice(first, first + 4));
  return sheets.map((cells) => ({ image: drawn(photographs, cells), cells }));
}

/** @param quarter which of the sheet's quarters it takes; the whole sheet where it is undefined */
function cellOf(image: RgbImage, photograph: number, mirrored: boolean, quarter?: number): SheetCell {
  const side = quarter === undefined ? SHEET_PIXELS : SHEET_PIXELS / 2;
  const left = quarter === undefined ? 0 : (quarter % 2) * side;
  const top = quarter === undefined ? 0 : Math.floor(quarter / 2) * side;
  const border = Math.round(side * (quarter === undefined ? LARGE_BORDER : SMALL_BORDER));
  const scale = (side - 2 * border) / Math.max(image.width, image.height);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  return {
    photograph,
    mirrored,
    bounds: { x: left, y: top, width: side, height: side },
    placed: {
      x: left + Math.floor((side - width) / 2),
      y: top + Math.floor((side - height) / 2),
      width,
      height,
    },
    width: image.width,
    height: image.height,
  };
}

function drawn(photographs: readonly RgbImage[], cells: readonly SheetCell[]): RgbImage {
  const pixels = new Uint8Array(SHEET_PIXELS * SHEET_PIXELS * 3);
  for (let index = 0; index < pixels.length; index++) pixels[index] = BACKGROUND[index % 3] ?? 0;
  for (const { photograph, mirrored, placed } of cells) {
    const image = photographs[photograph];
    if (image === undefined) throw new RangeError(`there is no photograph ${photograph}`);
    const resized = resizeImage(image, placed.width, placed.height);
    const shown = mirrored ? mirror(resized) : resized;
    const rowLength = placed.width * 3;
    for (let row = 0; row < placed.height; row++) {
      const target = ((placed.y + row) * SHEET_PIXELS + placed.x) * 3;
      pixels.set(shown.pixels.subarray(row * rowLength, (row + 1) * rowLength), target);
    }
  }
  return { width: SHEET_PIXELS, height: SHEET_PIXELS, pixels };
}

/** Those of a sheet's faces whose middle lies in the cell, in pixels of the photograph, mirrored back. */
export function facesInCell(faces: readonly DetectedFace[], cell: SheetCell): readonly DetectedFace[] {
  return faces.filter(({ box }) => isIn(cell.bounds, box)).map((face) => facePlacedBack(face, cell));
}

function isIn(bounds: BoundingBox, { x, y, width, height }: BoundingBox): boolean {
  const [centreX, centreY] = [x + width / 2 - bounds.x, y + height / 2 - bounds.y];
  return centreX >= 0 && centreY >= 0 && centreX < bounds.width && centreY < bounds.height;
}

function facePlacedBack({ box, landmarks, probability }: DetectedFace, cell: SheetCell): DetectedFace {
  const { placed } = cell;
  const [scaleX, scaleY] = [cell.width / placed.width, cell.height / placed.height];
  const face: DetectedFace = {
    box: {
      x: (box.x - placed.x) * scaleX,
      y: (box.y - placed.y) * scaleY,
      width: box.width * scaleX,
      height: box.height * scaleY,
    },
    landmarks: mapLandmarks(landmarks, ({ x, y }) => ({
      x: (x - placed.x) * scaleX,
      y: (y - placed.y) * scaleY,
    })),
    probability,
  };
  return cell.mirrored ? mirroredFace(face, cell.width) : face;
}

/** The face of the mirror image. Coordinates start at the image's border; left and right change places. */
function mirroredFace({ box, landmarks, probability }: DetectedFace, width: number): DetectedFace {
  const moved = mapLandmarks(landmarks, ({ x, y }) => ({ x: width - x, y }));
  return {
    box: { ...box, x: width - box.x - box.width },
    landmarks: {
      leftEye: moved.rightEye,
      rightEye: moved.leftEye,
      nose: moved.nose,
      leftMouthCorner: moved.rightMouthCorner,
      rightMouthCorner: moved.leftMouthCorner,
    },
    probability,
  };
}
