import type { SimilarityTransform } from '../../core/faces/similarity-transform.js';
import type { InputSize } from './detector-outputs.js';

/** Quarter turns clockwise. */
export type QuarterTurns = 0 | 1 | 2 | 3;

/** Width and height of a photograph in pixels. */
interface PhotographSize {
  readonly width: number;
  readonly height: number;
}

/** The part of a photograph that a network's input shows, and how. */
export interface Look {
  /** Where the input's points lie in the photograph; 0 is the border of the first pixel in both. */
  readonly inputToPhotograph: SimilarityTransform;
}

/**
 * Shows the whole photograph, in the middle of the input and as large as fits.
 * @param turns by which the photograph is turned before it is looked at
 * @param share of the input, 0 to 1, that it fills along the tighter side; the rest is a margin
 */
export function wholeLook(
  photograph: PhotographSize,
  input: InputSize,
  turns: QuarterTurns = 0,
  share = 1,
): Look {
  const { width, height } = photograph;
  const [across, down] = turns % 2 === 0 ? [width, height] : [height, width];
  const scale = Math.max(across / input.width, down / input.height) / share;
  return lookAt({ x: width / 2, y: height / 2 }, scale, turns, input);
}

/**
 * Shows the photograph in parts, rows from the top.
 * @param scale pixels of the photograph along one of the input's
 * @param overlapPixels of the photograph that neighbours share at least, so that a face on the seam is whole in one of them
 */
export function tileLooks(
  photograph: PhotographSize,
  input: InputSize,
  scale: number,
  overlapPixels: number,
  turns: QuarterTurns = 0,
): readonly Look[] {
  const [across, down] = turns % 2 === 0 ? [input.width, input.height] : [input.height, input.width];
  const columns = centresAlong(photograph.width, across * scale, overlapPixels);
  const rows = centresAlong(photograph.height, down * scale, overlapPixels);
  return rows.flatMap((y) => columns.map((x) => lookAt({ x, y }, scale, turns, input)));
}

/** Pixels of the photograph along one of the input's. */
export function scaleOf({ inputToPhotograph: { a, b } }: Look): number {
  return Math.hypot(a, b);
}

/** Cosine and sine, without rounding errors. */
const cosines = [1, 0, -1, 0] as const;
const sines = [0, 1, 0, -1] as const;

function lookAt(
  centre: { readonly x: number; readonly y: number },
  scale: number,
  turns: QuarterTurns,
  input: InputSize,
): Look {
  // From the input to the photograph they are turned back.
  const a = scale * cosines[turns];
  const b = -scale * sines[turns];
  const [x, y] = [input.width / 2, input.height / 2];
  const translationX = centre.x - (a * x - b * y);
  const translationY = centre.y - (b * x + a * y);
  if (turns !== 0) return { inputToPhotograph: { a, b, translationX, translationY } };
  // On whole pixels of the input, a reduced photograph is copied and need not be sampled between its pixels.
  return {
    inputToPhotograph: {
      a,
      b: 0,
      translationX: onGrid(translationX, a),
      translationY: onGrid(translationY, a),
    },
  };
}

function onGrid(translation: number, scale: number): number {
  return Math.round(translation / scale) * scale;
}

/** Middles of parts: evenly spread along the axis, or one in its middle where a part covers it. */
function centresAlong(lengthPixels: number, partPixels: number, overlapPixels: number): readonly number[] {
  const spare = lengthPixels - partPixels;
  if (spare <= 0) return [lengthPixels / 2];
  const step = partPixels - Math.min(overlapPixels, partPixels / 2);
  // Parts that fit exactly must not become one more by rounding.
  const intervals = Math.ceil(spare / step - 1e-9);
  return Array.from({ length: intervals + 1 }, (_, index) => partPixels / 2 + (spare * index) / intervals);
}
