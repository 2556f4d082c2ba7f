import type { BoundingBox } from '../../../core/faces/landmarks.js';
import { transformScale } from '../../../core/faces/similarity-transform.js';
import { boxArea, clippedBox } from './box-area.js';
import { type Canvas, wholeCanvas } from './canvas.js';
import { type InversePlacement, inversePlacement, type Placement, placedRectangleBox } from './placement.js';
import type { Tone } from './tone.js';
import type { TrainingPhotograph } from './training-photographs.js';

export interface PaintOptions {
  /** What of the photograph is painted, in its pixels. */
  readonly region: BoundingBox;
  /** Beyond the region: nothing, or the photograph's border pixels repeated over the whole canvas. */
  readonly beyond: 'nothing' | 'border';
  /** With `nothing`: the shape that is painted in the region. */
  readonly shape: 'rectangle' | 'ellipse';
  /** Over so many canvas pixels the shape's edge fades; 0 is a sharp edge. */
  readonly featherPixels: number;
  readonly tone: Tone | undefined;
}

/** A level keeps its detail down to this shrink, in powers of two beyond its own; further it would alias. */
const LEVEL_REACH = 0.75;

/** Paints a part of a photograph: bilinear sampling of the level that is not much larger than what is painted. */
export function paintPhotograph(
  canvas: Canvas,
  pixels: SharedArrayBuffer,
  photograph: TrainingPhotograph,
  placement: Placement,
  options: PaintOptions,
): void {
  const { region, beyond } = options;
  const bounds = beyond === 'border' ? wholeCanvas(canvas) : placedRectangleBox(placement, region);
  const painted = clippedBox(bounds, wholeCanvas(canvas));
  if (boxArea(painted) <= 0) return;
  const source = levelSource(pixels, photograph, transformScale(placement.transform));
  const inverse = inversePlacement(placement);
  const [left, top] = [Math.floor(painted.x), Math.floor(painted.y)];
  const right = Math.min(canvas.side, Math.ceil(painted.x + painted.width));
  const bottom = Math.min(canvas.side, Math.ceil(painted.y + painted.height));
  const coverage = coverageOf(options, transformScale(placement.transform));
  const colour = new Float32Array(3);
  for (let y = top; y < bottom; y++) {
    paintRow(canvas, y, left, right, inverse, source, coverage, colour, options.tone);
  }
}

/** One level of a photograph. */
interface LevelSource {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Pixels of the photograph for one of the level. */
  readonly factor: number;
}

function levelSource(pixels: SharedArrayBuffer, { levels }: TrainingPhotograph, scale: number): LevelSource {
  const wanted = Math.max(0, Math.floor(Math.log2(1 / scale) + 1 - LEVEL_REACH));
  const index = Math.min(wanted, levels.length - 1);
  const level = levels[index];
  if (level === undefined) throw new RangeError('a photograph has at least one level');
  const { width, height, offset } = level;
  return { pixels: new Uint8Array(pixels, offset, width * height * 3), width, height, factor: 2 ** index };
}

/** How much of a point of the photograph is painted, 0 to 1; undefined where all of the canvas is. */
type Coverage = ((u: number, v: number) => number) | undefined;

function coverageOf({ region, beyond, shape, featherPixels }: PaintOptions, scale: number): Coverage {
  if (beyond === 'border') return undefined;
  const [right, bottom] = [region.x + region.width, region.y + region.height];
  if (shape === 'rectangle' && featherPixels <= 0)
    return (u, v) => (u >= region.x && v >= region.y && u < right && v < bottom ? 1 : 0);
  // Canvas pixels are compared: one of the photograph is `scale` of them.
  const slope = scale / Math.max(featherPixels, 1e-3);
  if (shape === 'rectangle')
    return (u, v) => Math.min(1, slope * Math.min(u - region.x, v - region.y, right - u, bottom - v));
  const [radiusX, radiusY] = [region.width / 2, region.height / 2];
  const [centreX, centreY] = [region.x + radiusX, region.y + radiusY];
  const radius = Math.min(radiusX, radiusY);
  return (u, v) =>
    Math.min(1, slope * radius * (1 - Math.hypot((u - centreX) / radiusX, (v - centreY) / radiusY)));
}

/** The hot loop. */
function paintRow(
  { side, pixels }: Canvas,
  y: number,
  left: number,
  right: number,
  inverse: InversePlacement,
  source: LevelSource,
  coverage: Coverage,
  colour: Float32Array,
  tone: Tone | undefined,
): void {
  const { ux, vx } = inverse;
  let u = inverse.u0 + ux * (left + 0.5) + inverse.uy * (y + 0.5);
  let v = inverse.v0 + vx * (left + 0.5) + inverse.vy * (y + 0.5);
  let target = (y * side + left) * 3;
  for (let x = left; x < right; x++, u += ux, v += vx, target += 3) {
    const opacity = coverage === undefined ? 1 : coverage(u, v);
    if (opacity <= 0) continue;
    sampleLevel(source, u, v, colour);
    for (let channel = 0; channel < 3; channel++) {
      let value = colour[channel] ?? 0;
      if (tone !== undefined) value = tone[channel]?.[(value + 0.5) | 0] ?? 0;
      const below = pixels[target + channel] ?? 0;
      pixels[target + channel] = opacity === 1 ? value : below + opacity * (value - below);
    }
  }
}

/** The bilinear mean of the four pixels around a point of the photograph; its border pixels repeat beyond it. */
function sampleLevel(
  { pixels, width, height, factor }: LevelSource,
  u: number,
  v: number,
  colour: Float32Array,
): void {
  const x = Math.min(Math.max(u / factor - 0.5, 0), width - 1);
  const y = Math.min(Math.max(v / factor - 0.5, 0), height - 1);
  const column = Math.min(x | 0, Math.max(width - 2, 0));
  const row = Math.min(y | 0, Math.max(height - 2, 0));
  const [across, down] = [x - column, y - row];
  const above = (row * width + column) * 3;
  const below = above + (height > 1 ? width * 3 : 0);
  const step = width > 1 ? 3 : 0;
  for (let channel = 0; channel < 3; channel++) {
    const upper = pixels[above + channel] ?? 0;
    const lower = pixels[below + channel] ?? 0;
    const top = upper + across * ((pixels[above + step + channel] ?? 0) - upper);
    const bottom = lower + across * ((pixels[below + step + channel] ?? 0) - lower);
    colour[channel] = top + down * (bottom - top);
  }
}
