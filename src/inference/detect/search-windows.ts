import { BLAZEFACE_INPUT_PIXELS } from './blazeface.js';

/** A square of the photograph in which BlazeFace looks for faces, in pixels; may reach over the border. */
export interface SearchWindow {
  readonly x: number;
  readonly y: number;
  readonly sidePixels: number;
}

/** BlazeFace finds faces from about this size on in its own input. */
const SMALLEST_FACE_INPUT_PIXELS = 24;
/** Faces smaller than this in the photograph are not looked for: they cannot be verified. */
const SMALLEST_FACE_PIXELS = 40;
/** Share of a window that its neighbour repeats, so that a face on the seam is whole in one of them. */
const OVERLAP = 1 / 3;

/**
 * Sides of the windows over the longer side of the photograph. The first look has a margin around the whole
 * photograph, without which BlazeFace misses faces that fill it, and quarters of it for the faces further back.
 */
const firstLookSides = [1.5, 0.6] as const;
/**
 * The sides of windows where the first look found nothing: far out, for the largest faces in profile, and closer and
 * closer in.
 */
const secondLookSides = [3, 0.3, 0.15] as const;

export function firstLook(width: number, height: number): readonly SearchWindow[] {
  return windowsOf(firstLookSides, width, height, Infinity);
}

export function secondLook(width: number, height: number): readonly SearchWindow[] {
  const smallestSought = smallestFaceIn(Math.min(...firstLookSides) * Math.max(width, height));
  return windowsOf(secondLookSides, width, height, smallestSought);
}

/**
 * @param smallestSought size in pixels of the smallest faces that earlier windows could show; windows that
 * only add faces too small to matter are left out
 */
function windowsOf(
  relativeSides: readonly number[],
  width: number,
  height: number,
  smallestSought: number,
): readonly SearchWindow[] {
  const windows: SearchWindow[] = [];
  let smallest = smallestSought;
  for (const relativeSide of relativeSides) {
    const sidePixels = relativeSide * Math.max(width, height);
    const coversAll = relativeSide >= 1;
    if (!coversAll && smallest <= SMALLEST_FACE_PIXELS) break;
    windows.push(...tile(sidePixels, width, height));
    smallest = Math.min(smallest, smallestFaceIn(sidePixels));
  }
  return windows;
}

function smallestFaceIn(sidePixels: number): number {
  return (SMALLEST_FACE_INPUT_PIXELS / BLAZEFACE_INPUT_PIXELS) * sidePixels;
}

function tile(sidePixels: number, width: number, height: number): readonly SearchWindow[] {
  const columns = startsAlong(width, sidePixels);
  return startsAlong(height, sidePixels).flatMap((y) => columns.map((x) => ({ x, y, sidePixels })));
}

/** Evenly spread along the axis, or one in the middle where it covers the axis. */
function startsAlong(lengthPixels: number, sidePixels: number): readonly number[] {
  const spare = lengthPixels - sidePixels;
  if (spare <= 0) return [spare / 2];
  // Two windows of 0.6 overlap by a third exactly: rounding must not make three of them.
  const intervals = Math.ceil(spare / ((1 - OVERLAP) * sidePixels) - 1e-9);
  return Array.from({ length: intervals + 1 }, (_, index) => (spare * index) / intervals);
}
