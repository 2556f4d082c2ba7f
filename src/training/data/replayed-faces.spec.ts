import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { picturesOfPersons, writeTaggedFaces } from '../../../test/support/training-images.js';
import { faceTagsOf } from './face-tags-of.js';
import { openFaceSource } from './open-face-source.js';
import { openReplay, trainedOnFaces, withReplay } from './replayed-faces.js';
import type { ReplayLocation } from './data-loader-options.js';
import { SelectedFaceDataset } from './face-dataset.js';

describe('replayed faces', () => {
  let folder: string;

  const imageLocationOf = (name: string): ReplayLocation => ({
    location: { format: 'identity-folder', path: join(folder, name) },
    imageKind: 'aligned-crop',
  });

  const own = async (): Promise<SelectedFaceDataset> => {
    const source = await openFaceSource(imageLocationOf('own').location);
    const tags = await faceTagsOf(imageLocationOf('own'), source);
    return SelectedFaceDataset.choose(source, tags, 'aligned-crop', { holdOut: ['person-0'] });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-replay-'));
    // person-0 to person-2 are in both.
    await writeTaggedFaces(join(folder, 'own'), picturesOfPersons(3, 2));
    await writeTaggedFaces(join(folder, 'replay'), picturesOfPersons(5, 3));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('come behind the first set’s, as classes of their own, and nobody of them is held out', async () => {
    const [first, replay] = [await own(), await openReplay(imageLocationOf('replay'))];
    const both = withReplay(first, replay);
    expect(both.identities).toHaveLength(2 + 5);
    expect(both.heldOutIdentities).toEqual(['person-0']);
    expect(both.counts.faces).toBe(4 + 15);
    expect(both.rho).toHaveLength(19);
    for (let face = 0; face < 19; face++) {
      const { face: key, name } = both.prepare(face);
      expect(key).toBe(face);
      // A name is person-N/number.png.
      expect(name.split('/')[0]).toBe(both.identities[both.labels[face]!]);
      expect(both.rho[face]! > 0.2).toBe(Number(/\d+(?=\.png)/u.exec(name)?.[0]) % 2 === 0);
    }
    expect(Math.min(...both.labels.slice(4))).toBe(2);
    expect(() => both.prepare(19)).toThrow(RangeError);
  });

  it('are of as many identities as the limit, the same ones for the same limit, and more for a larger one', async () => {
    const some = await openReplay({ ...imageLocationOf('replay'), identityLimit: 2 });
    const more = await openReplay({ ...imageLocationOf('replay'), identityLimit: 4 });
    expect(some.identities).toHaveLength(2);
    expect(some.counts.faces).toBe(6);
    expect(more.identities).toEqual(expect.arrayContaining([...some.identities]));
    const again = await openReplay({ ...imageLocationOf('replay'), identityLimit: 2 });
    expect(again.identities).toEqual(some.identities);
    expect((await openReplay({ ...imageLocationOf('replay'), identityLimit: 9 })).identities).toHaveLength(5);
  });

  it('are of chosen identities, and a name that is not there is told of', async () => {
    const exclude = ['person-1', 'person-3'];
    const chosen = await openReplay({
      ...imageLocationOf('replay'),
      identities: { exclude },
      identityLimit: 4,
    });
    expect([...chosen.identities].sort()).toEqual(['person-0', 'person-2', 'person-4']);
    await expect(
      openReplay({ ...imageLocationOf('replay'), identities: { exclude: ['nobody'] } }),
    ).rejects.toThrow('of the replay data, exclude names an identity that is not there: nobody');
  });

  it('have a digest that tells other faces, and not where they are', async () => {
    await writeTaggedFaces(join(folder, 'moved'), picturesOfPersons(5, 3));
    await writeTaggedFaces(join(folder, 'fewer'), picturesOfPersons(5, 2));
    const digestOf = async (name: string) =>
      trainedOnFaces(await openReplay(imageLocationOf(name))).dataSha256;
    expect(await digestOf('moved')).toBe(await digestOf('replay'));
    expect(await digestOf('fewer')).not.toBe(await digestOf('replay'));
  });

  it('are refused by the name of their data where that is missing or its tags are damaged', async () => {
    const refusal = {
      reason: 'DATASET_INVALID',
      message: expect.stringMatching(/^The replay data: /u) as string,
    };
    await expect(openReplay(imageLocationOf('missing'))).rejects.toMatchObject(refusal);
    await writeTaggedFaces(join(folder, 'damaged'), picturesOfPersons(2, 2));
    await writeFile(join(folder, 'damaged', 'tags.jsonl'), '{"schema":');
    await expect(openReplay(imageLocationOf('damaged'))).rejects.toMatchObject(refusal);
  });
});
