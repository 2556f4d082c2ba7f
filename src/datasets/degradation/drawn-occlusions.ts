/** Masks, sunglasses and covers drawn over a face, and which of mouth, nose and eyes they hide. */
import type { Landmarks, Point } from '../../core/faces/landmarks.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { drawnOver } from './pixels.js';
import { between, drawn, type Uniform } from './random-numbers.js';
import type { Degraded, HiddenParts } from './scene.js';

/** What {@link faceFrame} gives. */
interface FaceFrame {
  readonly at: (across: number, along: number) => Point;
  /** Pixels from the middle of the eyes to that of the mouth's corners. */
  readonly eyesToMouth: number;
}

/** A photograph with something drawn over the face. */
type Occluded = Degraded & { readonly hidden: HiddenParts };

/** A mask whose upper edge is above this place, on the way from the eyes (0) to the mouth (1), hides the nose too. */
const nosePlace = 0.55;
const maskColours = [
  [240, 240, 245],
  [120, 170, 210],
  [30, 30, 35],
  [200, 220, 235],
  [90, 130, 90],
] as const;

/** A mask over mouth and chin, and over the nose or below it. */
export async function withMask(image: RgbImage, landmarks: Landmarks, uniform: Uniform): Promise<Occluded> {
  const top = between(uniform, 0.35, 0.62);
  const { at, eyesToMouth } = faceFrame(landmarks);
  const outline = maskOutline(at, top, uniform);
  const colour = colourOf(uniform);
  const hasFolds = uniform() < 0.5;
  const folds = hasFolds ? [0.3, 0.6].map((below) => fold(at, top + below, 0.03 * eyesToMouth)) : [];
  const drawing = `<polygon points="${outline.map(textOf).join(' ')}" fill="${colour}"/>${folds.join('')}`;
  return {
    image: await drawnOver(image, drawing),
    hidden: { mouth: 1, nose: top < nosePlace ? 1 : 0, eyes: 0 },
  };
}

function maskOutline(at: FaceFrame['at'], top: number, uniform: Uniform): readonly Point[] {
  const jitter = (): number => 0.06 * (uniform() - 0.5);
  return [
    at(-0.95 + jitter(), top - 0.05 + jitter()),
    at(-0.3, top - 0.12 + jitter()),
    at(0, top - 0.14),
    at(0.3, top - 0.12 + jitter()),
    at(0.95 + jitter(), top - 0.05 + jitter()),
    at(0.82 + jitter(), 1.25 + jitter()),
    at(0.35, 1.68 + jitter()),
    at(0, 1.75 + jitter()),
    at(-0.35, 1.68 + jitter()),
    at(-0.82 + jitter(), 1.25 + jitter()),
  ];
}

function fold(at: FaceFrame['at'], place: number, width: number): string {
  const [left, middle, right] = [at(-0.8, place), at(0, place + 0.08), at(0.8, place)].map(textOf);
  return `<path d="M${left} Q${middle} ${right}" stroke="rgba(0,0,0,.15)" stroke-width="${width.toFixed(1)}" fill="none"/>`;
}

/** Sunglasses. */
export async function withSunglasses(
  image: RgbImage,
  landmarks: Landmarks,
  uniform: Uniform,
): Promise<Occluded> {
  const { at, eyesToMouth } = faceFrame(landmarks);
  const width = between(uniform, 0.26, 0.4);
  const height = between(uniform, 0.2, 0.36);
  const colour = uniform() < 0.8 ? 'rgb(15,15,18)' : colourOf(uniform);
  const stroke = (share: number): string =>
    `stroke="${colour}" stroke-width="${(share * eyesToMouth).toFixed(1)}"`;
  const lens = (middle: number): string => {
    const corners = [
      at(middle - width, -height),
      at(middle + width, -height),
      at(middle + width * 0.85, height),
      at(middle - width * 0.85, height),
    ];
    return `<polygon points="${corners.map(textOf).join(' ')}" fill="${colour}" ${stroke(0.06)} stroke-linejoin="round"/>`;
  };
  const line = (from: Point, to: Point): string => `M${textOf(from)} L${textOf(to)}`;
  const bridge = line(at(-0.3, -0.08), at(0.3, -0.08));
  const temples = [line(at(-0.8, -0.1), at(-1.1, -0.15)), line(at(0.8, -0.1), at(1.1, -0.15))];
  const drawing =
    `${lens(-0.5)}${lens(0.5)}<path d="${bridge}" ${stroke(0.07)}/>` +
    `<path d="${temples.join(' ')}" ${stroke(0.06)}/>`;
  return { image: await drawnOver(image, drawing), hidden: { mouth: 0, nose: 0, eyes: 1 } };
}

/** A plain or striped board over the mouth, the eyes, or one side of the face. */
export async function withCover(image: RgbImage, landmarks: Landmarks, uniform: Uniform): Promise<Occluded> {
  const { at } = faceFrame(landmarks);
  const { name, across, along, hidden } = drawnCover(uniform);
  const board = (from: number, to: number): string =>
    [at(across[0], from), at(across[1], from), at(across[1], to), at(across[0], to)].map(textOf).join(' ');
  const stripes = uniform() < 0.5 ? stripesOf(along, board, uniform) : '';
  const drawing = `<polygon points="${board(...along)}" fill="${colourOf(uniform)}"/>${stripes}`;
  return { image: await drawnOver(image, drawing), hidden, parameters: { covered: name } };
}

/** A board; from and to are places of {@link faceFrame}. */
interface Cover {
  readonly name: string;
  readonly across: readonly [number, number];
  readonly along: readonly [number, number];
  readonly hidden: HiddenParts;
}

function drawnCover(uniform: Uniform): Cover {
  const side = { name: 'side', along: [-1.2, 2], hidden: { mouth: 1, nose: 1, eyes: 1 } } as const;
  const place = Math.floor(uniform() * 4);
  if (place === 0) {
    const along = [between(uniform, 0.75, 1) - 0.1, 2.2] as const;
    return { name: 'mouth', across: [-1.3, 1.3], along, hidden: { mouth: 1, nose: 0, eyes: 0 } };
  }
  if (place === 1) {
    const along = [-1.3, between(uniform, 0.1, 0.35)] as const;
    return { name: 'eyes', across: [-1.3, 1.3], along, hidden: { mouth: 0, nose: 0, eyes: 1 } };
  }
  if (place === 2) return { ...side, across: [-1.3, between(uniform, -0.2, 0.2)] };
  return { ...side, across: [between(uniform, -0.2, 0.2), 1.3] };
}

function stripesOf(
  [from, to]: readonly [number, number],
  board: (from: number, to: number) => string,
  uniform: Uniform,
): string {
  const count = 6;
  const step = (to - from) / count;
  return Array.from({ length: count }, (_, index) => {
    const start = from + step * index;
    return `<polygon points="${board(start, start + step / 2)}" fill="${colourOf(uniform)}"/>`;
  }).join('');
}

/**
 * Places on a face: `at(across, along)` is `across` eye distances to the viewer's right of the face's axis, and `along` of the way from the
 * middle of the eyes to that of the mouth's corners. Of turned faces the eyes' distance is 0.6 of that way at least.
 */
function faceFrame({ leftEye, rightEye, leftMouthCorner, rightMouthCorner }: Landmarks): FaceFrame {
  const eyes = middleOf(leftEye, rightEye);
  const mouth = middleOf(leftMouthCorner, rightMouthCorner);
  const [dx, dy] = [mouth.x - eyes.x, mouth.y - eyes.y];
  const eyesToMouth = Math.hypot(dx, dy) || 1;
  const distance = Math.hypot(leftEye.x - rightEye.x, leftEye.y - rightEye.y);
  const eyeDistance = Math.max(distance, 0.6 * eyesToMouth);
  const at = (across: number, along: number): Point => ({
    x: eyes.x + dx * along + (dy / eyesToMouth) * eyeDistance * across,
    y: eyes.y + dy * along - (dx / eyesToMouth) * eyeDistance * across,
  });
  return { at, eyesToMouth };
}

function middleOf(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function textOf({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

/** As masks have it, or any. */
function colourOf(uniform: Uniform): string {
  const base =
    uniform() < 0.6 ? drawn(uniform, maskColours) : [255 * uniform(), 255 * uniform(), 255 * uniform()];
  const channels = base.map((value) =>
    Math.round(Math.max(0, Math.min(255, value + 20 * (uniform() - 0.5)))),
  );
  return `rgb(${channels.join(',')})`;
}
