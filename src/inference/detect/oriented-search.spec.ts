import { describe, expect, it } from 'vitest';

import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import type { DetectedFace } from '../../core/faces/face.js';
import { Photograph } from '../decode/photograph.js';
import type { FaceNetwork } from './face-network.js';
import { wholeLook } from './looks.js';
import { type FaceCriteria, OrientedSearch } from './oriented-search.js';

const input = { width: 200, height: 200 };
const photograph = Photograph.ofImage({ ...input, pixels: new Uint8Array(200 * 200 * 3) });
const looks = [wholeLook(photograph, input)];

type Criteria = Pick<FaceCriteria, 'closeUp'>;

function faceAt(x: number, probability: number): DetectedFace {
  const box = { x, y: 0, width: 100, height: 100 };
  return { box, landmarks: arcFaceTemplate.landmarks, probability, landmarkUncertainty: 0.1 };
}

function networkThatSees(face: DetectedFace): FaceNetwork {
  return { input, find: () => Promise.resolve([[face]]) };
}

/** Leaves faces as they are found, and moves them once all looks were taken. */
function closeUpOf(movedBy: number): Required<Criteria>['closeUp'] {
  return {
    examine: (_, faces) => Promise.resolve(faces),
    settled: (_, faces) =>
      Promise.resolve(faces.map((face) => ({ ...face, box: { ...face.box, x: face.box.x + movedBy } }))),
  };
}

/** @param criteria of how faces are looked at from near, if they are */
async function leftBorderAfter(
  faces: readonly DetectedFace[],
  criteria: Criteria,
): Promise<readonly number[]> {
  const search = new OrientedSearch(
    photograph,
    { minimumProbability: 0.7, maximumOverlap: 0.3, ...criteria },
    0,
  );
  for (const face of faces) await search.look(networkThatSees(face), looks);
  return (await search.placedFaces()).map(({ box }) => box.x);
}

describe('a face that a second look shows elsewhere, and more probably', () => {
  const sightings = [faceAt(0, 0.84), faceAt(40, 0.93)];

  it('stays where the first look placed it', async () => {
    expect(await leftBorderAfter(sightings, { closeUp: closeUpOf(0) })).toEqual([0]);
  });

  it('is looked at from near once more, there', async () => {
    expect(await leftBorderAfter(sightings, { closeUp: closeUpOf(3) })).toEqual([3]);
  });

  it('moves there with a detector that looks at no face from near', async () => {
    expect(await leftBorderAfter(sightings, {})).toEqual([40]);
  });
});
