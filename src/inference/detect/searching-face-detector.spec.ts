import { describe, expect, it } from 'vitest';

import {
  landmarksOf,
  paint,
  type PaintedFace,
  PaintedFaceNetwork,
} from '../../../test/support/painted-faces.js';
import type { DetectedFace } from '../../core/faces/face.js';
import { landmarkPoints } from '../../core/faces/landmarks.js';
import { Photograph } from '../decode/photograph.js';
import { CloseUpExaminer } from './close-up-examiner.js';
import { SearchingFaceDetector } from './searching-face-detector.js';

const upright: PaintedFace = { centre: { x: 300, y: 220 }, height: 200, rollDegrees: 0 };

function networks(probabilityOf?: (face: DetectedFace) => number) {
  const first = new PaintedFaceNetwork(160, probabilityOf);
  const large = new PaintedFaceNetwork(320, probabilityOf);
  const closeUpNetwork = new PaintedFaceNetwork(80, probabilityOf);
  const closeUp = new CloseUpExaminer({ closeUp: closeUpNetwork, first }, 0.5);
  const criteria = { minimumProbability: 0.5, maximumOverlap: 0.3, closeUp };
  return { first, large, closeUpNetwork, detector: new SearchingFaceDetector({ first, large }, criteria) };
}

async function detect(
  { detector }: { readonly detector: SearchingFaceDetector },
  width: number,
  height: number,
  faces: readonly PaintedFace[],
): Promise<readonly DetectedFace[]> {
  return detector.detect(Photograph.ofImage(paint(width, height, faces)));
}

/** @param tolerance in pixels of the photograph: a pixel of the close-up blurs the borders of the paint */
function expectLandmarks(found: DetectedFace | undefined, painted: PaintedFace, tolerance: number): void {
  const expected = landmarkPoints(landmarksOf(painted));
  landmarkPoints(found!.landmarks).forEach(({ x, y }, index) => {
    expect(Math.hypot(x - expected[index]!.x, y - expected[index]!.y)).toBeLessThan(tolerance);
  });
}

describe('a crowd', () => {
  const crowd = Array.from({ length: 12 }, (_, index) => ({
    centre: { x: 60 + 100 * (index % 4), y: 70 + 110 * Math.floor(index / 4) },
    height: 40 + 2 * index,
    rollDegrees: 0,
  }));
  const photograph = () => Photograph.ofImage(paint(420, 400, crowd));

  it('is refused before any face is looked at from near', async () => {
    const { detector, closeUpNetwork } = networks();
    const limit = { maximum: 6, rank: undefined };
    await expect(detector.detect(photograph(), limit)).rejects.toMatchObject({ reason: 'MULTIPLE_FACES' });
    expect(closeUpNetwork.runs).toEqual([]);
  });

  it('has its largest face found with few looked at', async () => {
    const { detector, closeUpNetwork } = networks();
    const limit = { maximum: 3, rank: ({ box }: DetectedFace) => -box.height };
    const found = await detector.detect(photograph(), limit);
    expect(Math.max(...found.map(({ box }) => box.height))).toBeGreaterThan(58);
    expect(Math.max(...closeUpNetwork.runs.flat())).toBeLessThanOrEqual(6);
  });
});

describe('a face that is large and upright', () => {
  it('is found in one look, and looked at twice from near in one run', async () => {
    const seen = networks();
    const [face, ...others] = await detect(seen, 640, 480, [upright]);
    expect(others).toEqual([]);
    expect([seen.first.runs, seen.large.runs, seen.closeUpNetwork.runs]).toEqual([[1], [], [2]]);
    expectLandmarks(face, upright, 2);
    expect(Math.abs(face!.box.x - 225)).toBeLessThan(3);
    expect(Math.abs(face!.box.height - 200)).toBeLessThan(6);
    expect(face!.landmarkUncertainty).toBeLessThan(0.03);
  });

  it('is reported with the roll that it has', async () => {
    const turned = { ...upright, rollDegrees: 35 };
    const [face] = await detect(networks(), 640, 480, [turned]);
    expectLandmarks(face, turned, 2);
  });
});

describe('a photograph that is turned', () => {
  it.each([180, 90, 270])('by %d degrees has the face as it lies in it', async (rollDegrees) => {
    const seen = networks();
    const turned = { ...upright, rollDegrees };
    const [face, ...others] = await detect(seen, 640, 480, [turned]);
    expect(others).toEqual([]);
    expectLandmarks(face, turned, 2);
    const { leftEye, nose } = face!.landmarks;
    // The viewer's left, once the face is upright.
    if (rollDegrees === 180) expect(leftEye.x).toBeGreaterThan(nose.x);
    if (rollDegrees === 90) expect(leftEye.y).toBeLessThan(nose.y);
    if (rollDegrees === 270) expect(leftEye.y).toBeGreaterThan(nose.y);
  });

  it('is not what a photograph is taken for whose faces are no surer when it is turned', async () => {
    const other = { ...upright, centre: { x: 90, y: 120 }, rollDegrees: 180 };
    const faces = await detect(
      networks(() => 0.7),
      640,
      480,
      [upright, other],
    );
    expect(faces).toHaveLength(1);
    expectLandmarks(faces[0], upright, 2);
  });
});

describe('a strip', () => {
  it('that is too narrow for a face is not looked at in parts', async () => {
    const seen = networks();
    expect(await detect(seen, 16_000, 1, [])).toEqual([]);
    // The whole, with a margin, closer, and turned three times.
    expect([seen.first.runs.length, seen.large.runs.length]).toEqual([2, 4]);
  });

  it('has its faces found wherever they are, without looks for larger ones than fit', async () => {
    const seen = networks();
    const faces = [300, 4_000, 7_700].map((x) => ({ centre: { x, y: 32 }, height: 44, rollDegrees: 0 }));
    const found = await detect(seen, 8_000, 64, faces);
    expect(found.map(({ box }) => Math.round(box.x + box.width / 2)).sort((a, b) => a - b)).toEqual(
      faces.map(({ centre }) => expect.closeTo(centre.x, -1) as number),
    );
    // Parts at the scales that 64 and 36 pixels need, with overlaps: 8,000 / (1,280 - 64) and 8,000 / (720 - 64).
    expect(seen.large.runs.length).toBeLessThanOrEqual(4 + 7 + 13);
  });
});

describe('small faces', () => {
  const rows = [100, 500, 900].flatMap((y) => [150, 700, 1300].map((x) => ({ x, y })));
  const crowd = rows.map((centre): PaintedFace => ({ centre, height: 44, rollDegrees: 0 }));

  it('are found in parts of the photograph where nothing larger is seen', async () => {
    const seen = networks();
    const faces = await detect(seen, 1440, 1080, crowd);
    expect(faces).toHaveLength(crowd.length);
    for (const painted of crowd) {
      const own = faces.find(
        ({ landmarks: { nose } }) =>
          Math.abs(nose.x - painted.centre.x) < 22 && Math.abs(nose.y - painted.centre.y) < 30,
      );
      expectLandmarks(own, painted, 2);
    }
  });

  it('are looked for where the smallest that is found is small', async () => {
    const faces = await detect(networks(), 1440, 1080, [
      ...crowd,
      { centre: { x: 420, y: 300 }, height: 160, rollDegrees: 0 },
    ]);
    expect(faces).toHaveLength(crowd.length + 1);
  });

  it('are not looked for beside a large face', async () => {
    const seen = networks();
    const faces = await detect(seen, 1440, 1080, [
      { centre: { x: 600, y: 500 }, height: 500, rollDegrees: 0 },
      ...crowd.slice(0, 1),
    ]);
    expect(faces).toHaveLength(1);
    expect(seen.large.runs).toEqual([]);
  });
});

describe('a face that only a closer look shows', () => {
  it.each([
    [0.7, 0],
    [0.8, 1],
  ])('with a probability of %d counts as %d faces', async (probability, count) => {
    // 50 pixels are 12 of the first look's, in which that network sees nothing.
    const small = { centre: { x: 300, y: 220 }, height: 50, rollDegrees: 0 };
    expect(
      await detect(
        networks(() => probability),
        640,
        480,
        [small],
      ),
    ).toHaveLength(count);
  });

  it('counts with less where it is in the first look', async () => {
    expect(
      await detect(
        networks(() => 0.7),
        640,
        480,
        [upright],
      ),
    ).toHaveLength(1);
  });
});

describe('a photograph without a face', () => {
  it('is empty, and is looked at in a bounded number of ways', async () => {
    const seen = networks();
    expect(await detect(seen, 640, 480, [])).toEqual([]);
    // As it is and with a margin; closer, and so turned three times. Whatever can be verified was large enough to be seen.
    expect(seen.first.runs).toEqual([1, 1]);
    expect(seen.large.runs).toEqual([1, 1, 1, 1]);
    expect(seen.closeUpNetwork.runs).toEqual([]);
  });
});

describe('what the close-up shows', () => {
  it('drops a face that it does not show', async () => {
    const { first, large } = networks();
    const closeUp = new CloseUpExaminer({ closeUp: new PaintedFaceNetwork(80, () => 0.1), first }, 0.55);
    const criteria = { minimumProbability: 0.55, maximumOverlap: 0.3, closeUp };
    const detector = new SearchingFaceDetector({ first, large }, criteria);
    expect(await detector.detect(Photograph.ofImage(paint(640, 480, [upright])))).toEqual([]);
  });
});

describe('a detector of one network', () => {
  it('turns photographs as well, and says nothing of how sure its landmarks are', async () => {
    const network = new PaintedFaceNetwork(320);
    const criteria = { minimumProbability: 0.5, maximumOverlap: 0.3 };
    const detector = new SearchingFaceDetector({ first: network, large: network }, criteria);
    const turned = { ...upright, rollDegrees: 180 };
    const [face] = await detector.detect(Photograph.ofImage(paint(640, 480, [turned])));
    expectLandmarks(face, turned, 3);
    expect(face).not.toHaveProperty('landmarkUncertainty');
  });
});
