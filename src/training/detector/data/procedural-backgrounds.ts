import { type Canvas, fillCanvas, paintPixels, wholeCanvas } from './canvas.js';
import type { Colour, Draws } from './draws.js';

type PaintBackground = (canvas: Canvas, draws: Draws) => void;

/** Kinds of rendered images without a face. */
const kinds = {
  gradient: paintGradient,
  noise: paintNoise,
  clouds: (canvas, draws) => {
    paintClouds(canvas, draws, draws.colour(), 90);
  },
  skin: (canvas, draws) => {
    paintClouds(canvas, draws, skinColour(draws), 30);
  },
  stripes: paintStripes,
  shapes: paintShapes,
  strokes: paintStrokes,
  blobs: paintBlobs,
} satisfies Record<string, PaintBackground>;

const weights: Readonly<Record<keyof typeof kinds, number>> = {
  gradient: 3,
  noise: 1,
  clouds: 2.5,
  skin: 2,
  stripes: 1.5,
  shapes: 3,
  strokes: 1.5,
  blobs: 1.5,
};

/** Fills the canvas with a rendered background, sometimes one of shapes or strokes over another. */
export function paintProceduralBackground(canvas: Canvas, draws: Draws): void {
  kinds[draws.weighted(weights)](canvas, draws);
  if (draws.chance(0.25)) scatterShapes(canvas, draws, draws.integer(1, 12));
}

/** Colours of skin lie on a line from dark brown to light pink, in any light. */
function skinColour(draws: Draws): Colour {
  const lightness = draws.between(0.2, 1);
  const spread = (): number => 14 * draws.normal();
  return [70 + 175 * lightness + spread(), 35 + 160 * lightness + spread(), 20 + 145 * lightness + spread()];
}

function paintGradient(canvas: Canvas, draws: Draws): void {
  const [from, to] = [draws.colour(), draws.colour()];
  const angle = draws.between(0, 2 * Math.PI);
  const horizon = draws.chance(0.3) ? draws.between(0.2, 0.8) : undefined;
  const [dx, dy] = [Math.cos(angle) / canvas.side, Math.sin(angle) / canvas.side];
  const middle = canvas.side / 2;
  paintPixels(canvas, wholeCanvas(canvas), (x, y, colour) => {
    const along = 0.5 + 0.7 * ((x - middle) * dx + (y - middle) * dy);
    const share = horizon === undefined ? along : along < horizon ? 0.2 * along : 1 - 0.3 * along;
    mixInto(colour, from, to, share);
    return 1;
  });
}

function paintNoise({ pixels }: Canvas, draws: Draws): void {
  const [low, spread] = [draws.between(0, 150), draws.between(20, 220)];
  const isGrey = draws.chance(0.4);
  for (let index = 0; index < pixels.length; index++) {
    pixels[index] = isGrey && index % 3 > 0 ? (pixels[index - 1] ?? 0) : low + spread * draws.uniform();
  }
}

/** Value noise of a few octaves around a colour: walls, cloth, leaves, skin. */
function paintClouds(canvas: Canvas, draws: Draws, base: Colour, spread: number): void {
  fillCanvas(canvas, base);
  const octaves = draws.integer(2, 4);
  let cells = draws.integer(2, 7);
  let amplitude = spread * draws.between(0.5, 1.3);
  const persistence = draws.between(0.4, 0.8);
  const isGrey = draws.chance(0.6);
  for (let octave = 0; octave < octaves; octave++) {
    addValueNoise(canvas, draws, Math.min(cells, canvas.side), amplitude, isGrey);
    cells *= 2;
    amplitude *= persistence;
  }
}

/** Adds smooth noise of `cells` x `cells` random values, interpolated linearly. */
function addValueNoise(
  { side, pixels }: Canvas,
  draws: Draws,
  cells: number,
  amplitude: number,
  isGrey: boolean,
): void {
  const row = (cells + 1) * 3;
  const values = new Float32Array(row * (cells + 1));
  for (let index = 0; index < values.length; index++) {
    values[index] =
      isGrey && index % 3 > 0 ? (values[index - 1] ?? 0) : amplitude * (2 * draws.uniform() - 1);
  }
  const line = new Float32Array(row);
  const scale = cells / side;
  for (let y = 0; y < side; y++) {
    const cellY = Math.floor(y * scale);
    const down = y * scale - cellY;
    for (let index = 0; index < row; index++) {
      const upper = values[cellY * row + index] ?? 0;
      line[index] = upper + down * ((values[(cellY + 1) * row + index] ?? 0) - upper);
    }
    let target = y * side * 3;
    for (let x = 0; x < side; x++) {
      const cellX = Math.floor(x * scale);
      const across = x * scale - cellX;
      for (let channel = 0; channel < 3; channel++, target++) {
        const leftValue = line[cellX * 3 + channel] ?? 0;
        const rightValue = line[cellX * 3 + 3 + channel] ?? 0;
        pixels[target] = (pixels[target] ?? 0) + leftValue + across * (rightValue - leftValue);
      }
    }
  }
}

function paintStripes(canvas: Canvas, draws: Draws): void {
  const [from, to] = [draws.colour(), draws.colour()];
  const period = draws.logBetween(4, canvas.side / 2);
  const angle = draws.between(0, Math.PI);
  const isChecked = draws.chance(0.4);
  const isSharp = draws.chance(0.5);
  const [dx, dy] = [(2 * Math.PI * Math.cos(angle)) / period, (2 * Math.PI * Math.sin(angle)) / period];
  paintPixels(canvas, wholeCanvas(canvas), (x, y, colour) => {
    let wave = Math.sin(dx * x + dy * y);
    if (isChecked) wave *= Math.sin(dx * y - dy * x);
    mixInto(colour, from, to, isSharp ? (wave > 0 ? 1 : 0) : 0.5 + 0.5 * wave);
    return 1;
  });
}

function paintShapes(canvas: Canvas, draws: Draws): void {
  if (draws.chance(0.5)) paintGradient(canvas, draws);
  else fillCanvas(canvas, draws.colour());
  scatterShapes(canvas, draws, draws.integer(4, 30));
}

/** Ellipses and rectangles of any size and turn, some of them see-through. */
function scatterShapes(canvas: Canvas, draws: Draws, count: number): void {
  for (let index = 0; index < count; index++) {
    const [radiusX, radiusY] = [draws.logBetween(2, canvas.side / 3), draws.logBetween(2, canvas.side / 3)];
    paintShape(canvas, {
      x: draws.between(0, canvas.side),
      y: draws.between(0, canvas.side),
      radiusX,
      radiusY,
      radians: draws.between(0, Math.PI),
      isRound: draws.chance(0.5),
      colour: draws.chance(0.25) ? skinColour(draws) : draws.colour(),
      opacity: draws.chance(0.6) ? 1 : draws.between(0.2, 1),
    });
  }
}

interface Shape {
  readonly x: number;
  readonly y: number;
  readonly radiusX: number;
  readonly radiusY: number;
  readonly radians: number;
  readonly isRound: boolean;
  readonly colour: Colour;
  readonly opacity: number;
}

function paintShape(
  canvas: Canvas,
  { x, y, radiusX, radiusY, radians, isRound, colour, opacity }: Shape,
): void {
  const [cosine, sine] = [Math.cos(radians), Math.sin(radians)];
  const reach = Math.hypot(radiusX, radiusY);
  paintPixels(
    canvas,
    { x: x - reach, y: y - reach, width: 2 * reach, height: 2 * reach },
    (px, py, target) => {
      const along = (cosine * (px - x) + sine * (py - y)) / radiusX;
      const across = (cosine * (py - y) - sine * (px - x)) / radiusY;
      const isIn = isRound
        ? along * along + across * across <= 1
        : Math.max(Math.abs(along), Math.abs(across)) <= 1;
      if (!isIn) return 0;
      target.set(colour);
      return opacity;
    },
  );
}

/** Lines of short strokes, like writing. */
function paintStrokes(canvas: Canvas, draws: Draws): void {
  fillCanvas(canvas, draws.colour());
  const ink = draws.colour();
  const height = draws.logBetween(6, canvas.side / 5);
  const thickness = Math.max(0.6, height * draws.between(0.05, 0.14));
  for (let line = height / 2; line < canvas.side; line += 1.6 * height) {
    for (let x = draws.between(0, height); x < canvas.side; x += draws.between(0.25, 0.8) * height) {
      if (draws.chance(0.12)) continue;
      paintShape(canvas, {
        x,
        y: line + draws.between(-0.15, 0.15) * height,
        radiusX: draws.between(0.15, 0.45) * height,
        radiusY: thickness,
        radians: draws.pick([0, Math.PI / 2, draws.between(0, Math.PI)]),
        isRound: draws.chance(0.5),
        colour: ink,
        opacity: 1,
      });
    }
  }
}

/** Soft dark and bright spots, in pairs at times: what a small, blurred face is mistaken for. */
function paintBlobs(canvas: Canvas, draws: Draws): void {
  paintClouds(canvas, draws, draws.chance(0.5) ? skinColour(draws) : draws.colour(), 20);
  const count = draws.integer(2, 14);
  for (let index = 0; index < count; index++) {
    const radius = draws.logBetween(3, canvas.side / 5);
    const colour = draws.chance(0.6) ? ([20, 15, 15] as const) : draws.colour();
    const [x, y] = [draws.between(0, canvas.side), draws.between(0, canvas.side)];
    paintSpot(canvas, x, y, radius, colour);
    if (draws.chance(0.3)) paintSpot(canvas, x + radius * draws.between(2, 4), y, radius, colour);
  }
}

function paintSpot(canvas: Canvas, x: number, y: number, radius: number, colour: Colour): void {
  paintPixels(
    canvas,
    { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius },
    (px, py, target) => {
      target.set(colour);
      return 1 - ((px - x) ** 2 + (py - y) ** 2) / radius ** 2;
    },
  );
}

function mixInto(target: Float32Array, from: Colour, to: Colour, share: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const start = from[channel] ?? 0;
    target[channel] = start + share * ((to[channel] ?? 0) - start);
  }
}
