import { describe, expect, it } from 'vitest';

import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import type { DataLoader } from '../data/data-loader.js';
import { cropsToFit } from './fitted-projection.js';

const { width, height } = arcFaceTemplate;

/** Two identities of two faces each, and one of two faces that is replayed. */
const labels = Int32Array.of(0, 0, 1, 1, 2, 2);

function loader(
  asked: number[],
  replayedFaces: number,
): Pick<DataLoader, 'chosenFaces' | 'labels' | 'replay'> {
  return {
    labels,
    replay:
      replayedFaces === 0 ? undefined : { identityCount: 1, faceCount: replayedFaces, dataSha256: 'ab' },
    async *chosenFaces(faces) {
      asked.push(...faces);
      const chosen = Int32Array.from(faces, (face) => labels[face] ?? 0);
      yield await Promise.resolve({
        images: new Float32Array(faces.length * width * height * 3),
        labels: chosen,
      });
    },
  };
}

describe('cropsToFit', () => {
  it('takes the faces of the site alone, not those that are replayed', async () => {
    const asked: number[] = [];
    const { images, labels: whose } = await cropsToFit(loader(asked, 2), arcFaceTemplate);
    expect(asked).toEqual([0, 1, 2, 3]);
    expect(whose).toEqual([0, 0, 1, 1]);
    expect(images).toHaveLength(4);
  });

  it('takes all where nothing is replayed', async () => {
    const asked: number[] = [];
    await cropsToFit(loader(asked, 0), arcFaceTemplate);
    expect(asked).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
