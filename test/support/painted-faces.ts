import type { DetectedFace } from '../../src/core/faces/face.js';
import { type Landmarks, mapLandmarks, type Point } from '../../src/core/faces/landmarks.js';
import { mirror } from '../../src/core/images/mirror.js';
import type { RgbImage } from '../../src/core/images/rgb-image.js';
import type { FaceNetwork } from '../../src/inference/detect/face-network.js';
import type { BatchImage } from '../../src/inference/runtime/pixel-tensor.js';

/** A rectangle that stands for a face: 4 units high and 3 wide, red above and blue below. */
export interface PaintedFace {
  readonly centre: Point;
  /** Pixels. */
  readonly height: number;
  /** Clockwise. */
  readonly rollDegrees: number;
}

const aspect = 0.75;
/** Of a painted face, in shares of its width and height from its centre. */
const places: Landmarks = {
  leftEye: { x: -0.2, y: -0.1 },
  rightEye: { x: 0.2, y: -0.1 },
  nose: { x: 0, y: 0.1 },
  leftMouthCorner: { x: -0.15, y: 0.3 },
  rightMouthCorner: { x: 0.15, y: 0.3 },
};

export function landmarksOf({ centre, height, rollDegrees }: PaintedFace): Landmarks {
  const roll = (rollDegrees * Math.PI) / 180;
  return mapLandmarks(places, ({ x, y }) => {
    const [right, down] = [x * aspect * height, y * height];
    return {
      x: centre.x + right * Math.cos(roll) - down * Math.sin(roll),
      y: centre.y + right * Math.sin(roll) + down * Math.cos(roll),
    };
  });
}

/** A grey photograph of painted faces; 0 is the border of the first pixel. */
export function paint(width: number, height: number, faces: readonly PaintedFace[]): RgbImage {
  const pixels = new Uint8Array(width * height * 3).fill(60);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const face of faces) {
        const roll = (face.rollDegrees * Math.PI) / 180;
        const [dx, dy] = [x + 0.5 - face.centre.x, y + 0.5 - face.centre.y];
        const right = dx * Math.cos(roll) + dy * Math.sin(roll);
        const down = dy * Math.cos(roll) - dx * Math.sin(roll);
        if (Math.abs(right) > (aspect * face.height) / 2 || Math.abs(down) > face.height / 2) continue;
        pixels.set(down < 0 ? [255, 60, 60] : [60, 60, 255], (y * width + x) * 3);
      }
    }
  }
  return { width, height, pixels };
}

/** Sees painted faces as a detector sees faces: not when they are small, and not when they are turned by more than 60 degrees. */
export class PaintedFaceNetwork implements FaceNetwork {
  readonly input: { readonly width: number; readonly height: number };
  /** Images of each run so far. */
  readonly runs: number[] = [];

  constructor(
    sidePixels: number,
    private readonly probabilityOf: (face: DetectedFace) => number = () => 0.99,
  ) {
    this.input = { width: sidePixels, height: sidePixels };
  }

  find(
    images: readonly BatchImage[],
    minimumProbability: number,
  ): Promise<readonly (readonly DetectedFace[])[]> {
    this.runs.push(images.length);
    return Promise.resolve(
      images.map(({ image, mirrored }) =>
        regionsOf(mirrored ? mirror(image) : image)
          .flatMap((region) => faceOf(region))
          .map((face) => ({ ...face, probability: this.probabilityOf(face) }))
          .filter(({ probability }) => probability >= minimumProbability),
      ),
    );
  }
}

interface ColouredPoint extends Point {
  readonly isRed: boolean;
}

/** Connected pixels that are red or blue, by their middles. */
function regionsOf({ width, height, pixels }: RgbImage): readonly (readonly ColouredPoint[])[] {
  const isPainted = (index: number): boolean => pixels[3 * index]! > 150 || pixels[3 * index + 2]! > 150;
  const seen = new Uint8Array(width * height);
  const regions: ColouredPoint[][] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 1 || !isPainted(start)) continue;
    const region: ColouredPoint[] = [];
    const stack = [start];
    seen[start] = 1;
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      const [x, y] = [index % width, Math.floor(index / width)];
      region.push({ x: x + 0.5, y: y + 0.5, isRed: pixels[3 * index]! > pixels[3 * index + 2]! });
      const neighbours = [
        ...(x > 0 ? [index - 1] : []),
        ...(x < width - 1 ? [index + 1] : []),
        ...(y > 0 ? [index - width] : []),
        ...(y < height - 1 ? [index + width] : []),
      ];
      for (const neighbour of neighbours) {
        if (seen[neighbour] === 1 || !isPainted(neighbour)) continue;
        seen[neighbour] = 1;
        stack.push(neighbour);
      }
    }
    regions.push(region);
  }
  return regions;
}

function faceOf(region: readonly ColouredPoint[]): readonly DetectedFace[] {
  const [red, blue] = [region.filter(({ isRed }) => isRed), region.filter(({ isRed }) => !isRed)];
  if (red.length === 0 || blue.length === 0) return [];
  const [above, below] = [meanOf(red), meanOf(blue)];
  // The middles of the halves are half a height apart.
  const height = 2 * Math.hypot(below.x - above.x, below.y - above.y);
  const rollDegrees = (Math.atan2(above.x - below.x, below.y - above.y) * 180) / Math.PI;
  if (height < 16 || Math.abs(rollDegrees) > 60) return [];
  const centre = { x: (above.x + below.x) / 2, y: (above.y + below.y) / 2 };
  const xs = region.map(({ x }) => x);
  const ys = region.map(({ y }) => y);
  const [left, top] = [xs.reduce(least) - 0.5, ys.reduce(least) - 0.5];
  return [
    {
      box: { x: left, y: top, width: xs.reduce(most) + 0.5 - left, height: ys.reduce(most) + 0.5 - top },
      landmarks: landmarksOf({ centre, height, rollDegrees }),
      probability: 1,
    },
  ];
}

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

function least(a: number, b: number): number {
  return Math.min(a, b);
}

function most(a: number, b: number): number {
  return Math.max(a, b);
}
