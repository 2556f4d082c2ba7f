import { lumaOf } from '../../images/luma.js';
import type { RgbImage } from '../../images/rgb-image.js';

/** The side of the crops that are described, in pixels: ArcFace's. */
const cropSide = 112;
/** Cells along a side; each has 16x16 pixels of the crop. */
const cells = 7;
/** Luma at the crop's size, at a half and at a quarter of it: what is blurred shows edges only in the smaller ones. */
const levels = 3;
/** Bins of half a circle that the directions of edges are counted in. */
const directions = 4;
/** Numbers that a cell is described by: edges at each level, the mean of each channel, contrast, directions. */
const numbersPerCell = levels + 3 + 1 + directions;

/** How many numbers describe a crop. */
export const cropDescriptionLength = cells * cells * numbersPerCell;

/**
 * Describes how an aligned crop looks, cell by cell, so that a small network can tell blur, darkness and what hides parts of a face:
 * the strength of edges at three sizes, colour, contrast, and the directions of edges (after Dalal and Triggs' histograms of oriented
 * gradients, 2005). Numbers are about 0 to 1.
 * @param crop 112x112
 * @returns [7 * 7 * 11], cell after cell, rows from the top
 * @throws RangeError where the crop has another size
 */
export function describeCrop(crop: RgbImage): Float32Array {
  if (crop.width !== cropSide || crop.height !== cropSide) {
    throw new RangeError(`a crop of ${cropSide}x${cropSide} is described, got ${crop.width}x${crop.height}`);
  }
  const description = new Float32Array(cropDescriptionLength);
  let luma = lumaOf(crop);
  addContrast(description, luma);
  addColours(description, crop);
  for (let level = 0, side = cropSide; level < levels; level++, side /= 2) {
    if (level > 0) luma = halved(luma, side * 2);
    addEdges(description, luma, side, level);
  }
  return description;
}

/** The place of a cell's first number. @param x pixel of an image of that side */
function cellStart(x: number, y: number, side: number): number {
  const cell = side / cells;
  return (Math.floor(y / cell) * cells + Math.floor(x / cell)) * numbersPerCell;
}

/** Mean absolute differences of neighbours, on a logarithmic scale; at half the size their directions too. */
function addEdges(description: Float32Array, luma: Float32Array, side: number, level: number): void {
  const strengths = new Float32Array(description.length);
  for (let y = 0; y < side - 1; y++) {
    for (let x = 0; x < side - 1; x++) {
      const at = y * side + x;
      const here = luma[at] ?? 0;
      const [dx, dy] = [(luma[at + 1] ?? 0) - here, (luma[at + side] ?? 0) - here];
      const start = cellStart(x, y, side);
      const strength = Math.sqrt(dx * dx + dy * dy);
      strengths[start + level] = (strengths[start + level] ?? 0) + strength;
      if (level === 1) addTo(strengths, start + numbersPerCell - directions + directionOf(dx, dy), strength);
    }
  }
  const pixelsPerCell = (side / cells) ** 2;
  for (let start = 0; start < description.length; start += numbersPerCell) {
    const total = strengths[start + level] ?? 0;
    description[start + level] = Math.log1p(total / pixelsPerCell) / 4;
    if (level !== 1) continue;
    for (let place = start + numbersPerCell - directions; place < start + numbersPerCell; place++) {
      description[place] = (strengths[place] ?? 0) / (total + pixelsPerCell);
    }
  }
}

/** The bin of an edge's direction, both senses alike. */
function directionOf(dx: number, dy: number): number {
  const halfTurns = Math.atan2(dy, dx) / Math.PI;
  return Math.floor((halfTurns < 0 ? halfTurns + 1 : halfTurns) * directions) % directions;
}

function addColours(description: Float32Array, { pixels }: RgbImage): void {
  for (let y = 0; y < cropSide; y++) {
    for (let x = 0; x < cropSide; x++) {
      const start = cellStart(x, y, cropSide) + levels;
      for (let channel = 0; channel < 3; channel++) {
        addTo(description, start + channel, pixels[(y * cropSide + x) * 3 + channel] ?? 0);
      }
    }
  }
  const greatest = 255 * (cropSide / cells) ** 2;
  for (let start = levels; start < description.length; start += numbersPerCell) {
    for (let place = start; place < start + 3; place++)
      description[place] = (description[place] ?? 0) / greatest;
  }
}

/** The standard deviation of luma, on a logarithmic scale. */
function addContrast(description: Float32Array, luma: Float32Array): void {
  const sums = new Float64Array(description.length);
  const squares = new Float64Array(description.length);
  for (let y = 0; y < cropSide; y++) {
    for (let x = 0; x < cropSide; x++) {
      const start = cellStart(x, y, cropSide);
      const value = luma[y * cropSide + x] ?? 0;
      addTo(sums, start, value);
      addTo(squares, start, value * value);
    }
  }
  const pixelsPerCell = (cropSide / cells) ** 2;
  for (let start = 0; start < description.length; start += numbersPerCell) {
    const mean = (sums[start] ?? 0) / pixelsPerCell;
    const variance = Math.max((squares[start] ?? 0) / pixelsPerCell - mean * mean, 0);
    description[start + levels + 3] = Math.log1p(Math.sqrt(variance)) / 5;
  }
}

/** Means of 2x2 pixels. @param side of what is halved */
function halved(luma: Float32Array, side: number): Float32Array {
  const half = side / 2;
  return Float32Array.from({ length: half * half }, (_, index) => {
    const at = 2 * Math.floor(index / half) * side + 2 * (index % half);
    return ((luma[at] ?? 0) + (luma[at + 1] ?? 0) + (luma[at + side] ?? 0) + (luma[at + side + 1] ?? 0)) / 4;
  });
}

function addTo(numbers: Float32Array | Float64Array, place: number, amount: number): void {
  numbers[place] = (numbers[place] ?? 0) + amount;
}
