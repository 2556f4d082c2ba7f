import { describe, expect, it } from 'vitest';

import {
  landmarksOf,
  paint,
  type PaintedFace,
  PaintedFaceNetwork,
} from '../../../test/support/painted-faces.js';
import type { DetectedFace } from '../../core/faces/face.js';
import { landmarkPoints } from '../../core/faces/landmarks.js';
import { rollRadians } from '../../core/faces/moved-face.js';
import { Photograph } from '../decode/photograph.js';
import { CloseUpExaminer } from './close-up-examiner.js';
import type { FaceNetwork } from './face-network.js';

const painted: PaintedFace = { centre: { x: 300, y: 220 }, height: 200, rollDegrees: 180 };
const photograph = Photograph.ofImage(paint(640, 480, [painted]));
/** It is upside down, and was taken for upright. */
const candidate: DetectedFace = {
  box: { x: 225, y: 120, width: 150, height: 200 },
  landmarks: landmarksOf({ ...painted, rollDegrees: 0 }),
  probability: 0.9,
};

/** Says of each close-up in turn, as it is asked, how probable a face is there: the same one in the middle. */
class NetworkOfCloseUps implements FaceNetwork {
  readonly input: { readonly width: number; readonly height: number };
  asked = 0;

  /** @param rest of the close-ups after those */
  constructor(
    private readonly probabilities: readonly number[],
    private readonly rest: number,
    sidePixels = 128,
  ) {
    this.input = { width: sidePixels, height: sidePixels };
  }

  find(images: readonly unknown[], minimumProbability: number): Promise<DetectedFace[][]> {
    const [middle, height] = [this.input.width / 2, 0.58 * this.input.width];
    const landmarks = landmarksOf({ centre: { x: middle, y: middle }, height, rollDegrees: 0 });
    const box = { x: middle - 0.38 * height, y: middle - height / 2, width: 0.76 * height, height };
    return Promise.resolve(
      images.map((_, index) => {
        const probability = this.probabilities[this.asked] ?? this.rest;
        // Each is shown with its mirror image.
        this.asked += index % 2;
        return probability >= minimumProbability ? [{ box, landmarks, probability }] : [];
      }),
    );
  }
}

/** By how many quarters the face turns out to be turned, clockwise. */
async function quartersOf(probabilities: readonly number[]): Promise<number> {
  const [face] = await examine(new NetworkOfCloseUps(probabilities, 0.5));
  const quarters = rollRadians(face!.landmarks) / (Math.PI / 2);
  return Math.abs(Math.round(quarters));
}

/** @param first confirms doubtful faces */
async function examine(
  network: FaceNetwork,
  first: FaceNetwork = new NetworkOfCloseUps([], 0.9, 320),
): Promise<readonly DetectedFace[]> {
  return new CloseUpExaminer({ closeUp: network, first }, 0.5).examine(photograph, [candidate]);
}

describe('the examination of a face from near', () => {
  it('turns a face that was taken for upright, and puts its landmarks where they are', async () => {
    const [face] = await examine(new PaintedFaceNetwork(128));
    const expected = landmarkPoints(landmarksOf(painted));
    for (const [index, { x, y }] of landmarkPoints(face!.landmarks).entries())
      expect(Math.hypot(x - expected[index]!.x, y - expected[index]!.y)).toBeLessThan(2);
  });

  it('asks about the other sides only where the face is doubtful', async () => {
    const network = new NetworkOfCloseUps([0.96], 1);
    await examine(network);
    expect(network.asked).toBe(1);
  });

  it('turns it only where another side is surer by 0.04, and sure', async () => {
    expect(await quartersOf([0.8, 0.6, 0.83, 0.7])).toBe(0);
    expect(await quartersOf([0.8, 0.6, 0.85, 0.7])).toBe(2);
    expect(await quartersOf([0.55, 0.74, 0.74, 0.74])).toBe(0);
    expect(await quartersOf([0.55, 0.8, 0.2, 0.2])).toBe(1);
  });

  it('compares the sides by the most that each says, turned a little to either hand too', async () => {
    const sides = [0.8, 0.2, 0.78, 0.2];
    // The side that it was taken from, to either hand, and then the only rival.
    expect(await quartersOf([...sides, 0.5, 0.5, 0.5, 0.95])).toBe(2);
    expect(await quartersOf([...sides, 0.93, 0.5, 0.5, 0.95])).toBe(0);
  });

  it('looks no closer at sides that say much less', async () => {
    const network = new NetworkOfCloseUps([0.94, 0.68, 0.68, 0.68], 1);
    await examine(network);
    expect(network.asked).toBe(4);
  });

  it('gives the geometric mean of what the face was found with and of what is seen', async () => {
    const [face] = await examine(new NetworkOfCloseUps([0.96], 0));
    expect(face!.probability).toBeCloseTo(Math.sqrt(0.9 * 0.96), 12);
  });

  it('looks at a face that may be none eight times more, which count twice', async () => {
    const network = new NetworkOfCloseUps([0.7, 0.2, 0.2, 0.2], 0.95);
    const [face] = await examine(network);
    expect(network.asked).toBe(4 + 8);
    expect(face!.probability).toBeCloseTo(Math.cbrt(0.9 * 0.95 * 0.95), 12);
  });

  it('takes a face that most of those do not show for none', async () => {
    const seenInFour = [0.8, 0.2, 0.2, 0.2, 0.9, 0.9, 0.9, 0.9];
    expect(await examine(new NetworkOfCloseUps(seenInFour, 0))).toHaveLength(1);
    expect(await examine(new NetworkOfCloseUps(seenInFour.slice(0, -1), 0))).toEqual([]);
  });

  it('counts as much as all that what the network that found it says of two views of a doubtful one', async () => {
    const first = new NetworkOfCloseUps([0.3, 0.5], 0, 320);
    const [face] = await examine(new NetworkOfCloseUps([0.7, 0.2, 0.2, 0.2], 0.8), first);
    expect(first.asked).toBe(2);
    expect(face!.probability).toBeCloseTo(Math.sqrt(Math.cbrt(0.9 * 0.8 * 0.8) * 0.4), 12);
  });

  describe('of a candidate that is less probable than a face has to be', () => {
    const weak: DetectedFace = { ...candidate, probability: 0.45 };
    const sure: DetectedFace = { ...candidate, probability: 0.95 };
    const confirming = new NetworkOfCloseUps([], 0.9, 320);

    async function examined(network: FaceNetwork, candidates: readonly DetectedFace[]): Promise<number[]> {
      const examiner = new CloseUpExaminer({ closeUp: network, first: confirming }, 0.5);
      return (await examiner.examine(photograph, candidates)).map(({ probability }) => probability);
    }

    it('looks from all sides where nothing else is a face', async () => {
      const network = new NetworkOfCloseUps([0.4, 0, 0, 0], 0.9);
      expect(await examined(network, [weak])).toHaveLength(1);
      expect(network.asked).toBeGreaterThan(4);
    });

    it('looks once beside a face that is sure, and asks for as much as a face has to have', async () => {
      const doubted = new NetworkOfCloseUps([0.97, 0.5], 0.99);
      expect(await examined(doubted, [weak, sure])).toHaveLength(1);
      expect(doubted.asked).toBe(2);
      const seen = new NetworkOfCloseUps([0.97, 0.9], 0.99);
      expect(await examined(seen, [weak, sure])).toHaveLength(2);
    });
  });
});

describe('faces once all looks were taken', () => {
  const wavering = { ...candidate, probability: 0.8, landmarkUncertainty: 0.1 };

  it('are looked at in eight more close-ups where their landmarks waver, and stay as probable', async () => {
    const network = new NetworkOfCloseUps([], 0.9);
    const examiner = new CloseUpExaminer({ closeUp: network, first: network }, 0.5);
    const steady = { ...wavering, landmarkUncertainty: 0.01 };
    const [settled, other] = await examiner.settled(photograph, [wavering, steady]);
    expect(network.asked).toBe(8);
    expect(settled!.probability).toBe(0.8);
    expect(settled!.landmarkUncertainty).toBeLessThan(0.05);
    expect(other).toBe(steady);
  });

  it('stay where they are if those do not show them', async () => {
    const network = new NetworkOfCloseUps([], 0);
    const examiner = new CloseUpExaminer({ closeUp: network, first: network }, 0.5);
    expect(await examiner.settled(photograph, [wavering])).toEqual([wavering]);
  });
});
