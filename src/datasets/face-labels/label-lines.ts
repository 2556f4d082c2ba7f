import { z } from 'zod';
import {
  type Landmarks,
  landmarkPoints,
  landmarksFromPoints,
  type Point,
} from '../../core/faces/landmarks.js';
import type { PhotographLabels } from './photograph-labels.js';

const finite = z.number();
const pair = z.tuple([finite, finite]);
const lineSchema = z.object({
  set: z.string().min(1),
  file: z.string().min(1),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  faces: z.array(
    z.object({
      box: z.tuple([finite, finite, finite.positive(), finite.positive()]),
      landmarks: z.tuple([pair, pair, pair, pair, pair]).nullable(),
      probability: z.number().min(0).max(1),
      agreed: z.boolean(),
    }),
  ),
});

/** One photograph's line of a file of labels, with its newline; numbers in hundredths of a pixel. */
export function labelLine({ faces, ...photograph }: PhotographLabels): string {
  const line = {
    ...photograph,
    faces: faces.map(({ box, landmarks, probability, agreed }) => ({
      box: [box.x, box.y, box.width, box.height].map(hundredths),
      landmarks: landmarks === undefined ? null : landmarkPoints(landmarks).map(pairOf),
      probability: Math.round(probability * 1e4) / 1e4,
      agreed,
    })),
  };
  return `${JSON.stringify(line)}\n`;
}

/** @returns undefined where the line is no photograph's */
export function parseLabelLine(text: string): PhotographLabels | undefined {
  const parsed = lineSchema.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  const { faces, ...photograph } = parsed.data;
  return {
    ...photograph,
    faces: faces.map(({ box: [x, y, width, height], landmarks, ...face }) => ({
      ...face,
      box: { x, y, width, height },
      landmarks: landmarks === null ? undefined : landmarksOf(landmarks),
    })),
  };
}

type Pair = [number, number];

function landmarksOf([leftEye, rightEye, nose, left, right]: [Pair, Pair, Pair, Pair, Pair]): Landmarks {
  const point = ([x, y]: Pair): Point => ({ x, y });
  return landmarksFromPoints([point(leftEye), point(rightEye), point(nose), point(left), point(right)]);
}

function pairOf({ x, y }: Point): [number, number] {
  return [hundredths(x), hundredths(y)];
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
