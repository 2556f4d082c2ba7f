import { describe, expect, it } from 'vitest';

import { pictureOf } from '../../../test/support/training-images.js';
import { measurePicture } from '../../core/images/picture-measures.js';
import { siteProfile, type SiteFaces } from './site-profile.js';

const side = 16;
const shape = { imageHeight: side, imageWidth: side };

/** Faces of persons in turn, and which of them were asked for. */
function siteOf(labels: Int32Array, replayed = 0): SiteFaces & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    labels,
    shape,
    replay: replayed === 0 ? undefined : { faceCount: replayed },
    chosenFaces: async function* (faces, batchFaces) {
      for (let start = 0; start < faces.length; start += batchFaces) {
        const batch = faces.slice(start, start + batchFaces);
        asked.push(...batch);
        const pictures = batch.map((face) => pictureOf(face, side, side).pixels);
        yield await Promise.resolve({
          images: Float32Array.from(
            pictures.flatMap((pixels) => Array.from(pixels, (value) => (value - 127.5) / 128)),
          ),
        });
      }
    },
  };
}

describe('siteProfile', () => {
  it('measures each face as it is', async () => {
    const profile = await siteProfile(siteOf(Int32Array.from({ length: 70 }, (_, face) => face % 10)));
    expect(profile).toEqual(
      Array.from({ length: 70 }, (_, face) => measurePicture(pictureOf(face, side, side))),
    );
  });

  it('measures at most 500, as many of each person', async () => {
    const site = siteOf(Int32Array.from({ length: 1200 }, (_, face) => Math.floor(face / 12)));
    expect(await siteProfile(site)).toHaveLength(500);
    const ofEach = new Array<number>(100).fill(0);
    for (const face of site.asked) ofEach[site.labels[face]!]! += 1;
    expect(ofEach).toEqual(new Array(100).fill(5));
  });

  it('leaves out what is replayed', async () => {
    const site = siteOf(Int32Array.from([0, 0, 1, 1, 2, 2, 2]), 3);
    await siteProfile(site);
    expect(site.asked).toEqual([0, 1, 2, 3]);
  });
});
